"""From measurements to docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import docker

from bootstrap.bundle.lock import Lock

if TYPE_CHECKING:
    from tests.bench.__main__ import Measured

GIB = 1024**3


def idle(node: str, seconds: float = 30) -> tuple[float, float]:
    """GiB of memory that the node cannot give back (without the page cache) and cores it uses, at rest."""
    before, began = _usage(node), time.monotonic()
    time.sleep(seconds)
    after, took = _usage(node), time.monotonic() - began
    return after[0] / GIB, (after[1] - before[1]) / 1e9 / took


def stages(lines: str) -> dict[str, float]:
    """Seconds of the outermost steps in the JSON lines of `--progress json`."""
    events = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    return {e["path"][0]: e["seconds"] for e in events if e.get("event") == "end" and len(e["path"]) == 1}


def page(rounds: Sequence[Measured], lock: Lock) -> str:
    """The whole document."""
    ratio = [m.up / m.bare for m in rounds]
    rows = [
        ("warm `idp up` to ready ÷ bare cluster", _spread(ratio, "×"), "≤ 4"),
        ("bare `kind create cluster`, CoreDNS ready", _of(rounds, lambda m: m.bare, " s"), ""),
        ("warm `idp up` to ready", _of(rounds, lambda m: m.up, " s"), "< 60 s (cube-idp, without a portal)"),
        ("`idp up` again, nothing to do", _of(rounds, lambda m: m.no_op, " s"), "≤ 10 s"),
        ("`idp down`", _of(rounds, lambda m: m.down, " s"), ""),
        ("memory of the idle platform", _of(rounds, lambda m: m.memory_gib, " GiB"), "≤ 3 GiB"),
        ("CPU of the idle platform", _of(rounds, lambda m: m.cpu_cores, " cores"), ""),
    ]
    names = list(dict.fromkeys(name for m in rounds for name in m.stages))
    stage_rows = [
        f"| {name} | {_spread([m.stages[name] for m in rounds if name in m.stages], ' s')} |"
        for name in names
    ]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Made by `make bench` on {_machine()}; bundle `{lock.id[:12]}` from {lock.source}, "
            f"{len(rounds)} rounds, bare cluster and platform in turn. Median (minimum to maximum). "
            "Absolute times on a shared machine mean little; the ratio is the figure to compare.",
            "",
            "| what | measured | aim |",
            "|---|---|---|",
            *(f"| {what} | {value} | {aim} |" for what, value, aim in rows),
            "",
            "Ready means what `idp up` means by it: every check of `idp status` succeeds, through the "
            "gateway, over TLS. Memory is that of the whole node, Kubernetes included, without page cache.",
            "",
            "## Stages of `idp up`",
            "",
            "| stage | seconds |",
            "|---|---|",
            *stage_rows,
            "",
        ]
    )


def _of(rounds: Sequence[Measured], figure: Callable[[Measured], float], unit: str) -> str:
    return _spread([figure(m) for m in rounds], unit)


def _spread(values: Sequence[float], unit: str) -> str:
    return f"{statistics.median(values):.2f}{unit} ({min(values):.2f} to {max(values):.2f})"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return f"a machine with {os.cpu_count()} cores and {memory:.0f} GiB of memory"


def _usage(node: str) -> tuple[int, int]:
    """Bytes of memory in use and nanoseconds of CPU so far, as the engine accounts the container."""
    stats = docker.from_env().containers.get(node).stats(stream=False)
    memory = stats["memory_stats"]
    cache = memory.get("stats", {})
    reclaimable = cache.get("total_inactive_file", cache.get("inactive_file", 0))
    return memory["usage"] - reclaimable, stats["cpu_stats"]["cpu_usage"]["total_usage"]
