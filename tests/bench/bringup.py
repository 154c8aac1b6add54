"""A warm `idp up` against a bare cluster, in one run and in turn."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bootstrap.bundle.lock import Lock
from tests.bench import baseline
from tests.platform import Platform


@dataclass
class Measured:
    """One round: seconds for each, and the stages of `up`."""

    bare: float
    up: float
    no_op: float
    down: float
    stages: dict[str, float] = field(default_factory=dict)


def measure(lock: Lock, name: str, rounds: int) -> list[Measured]:
    measured = []
    with baseline.plain_node(lock) as image:
        for number in range(1, rounds + 1):
            one = _round(image, name)
            measured.append(one)
            print(  # noqa: T201
                f"round {number} of {rounds}: bare {one.bare:.1f} s, up {one.up:.1f} s "
                f"({one.up / one.bare:.2f}x), again {one.no_op:.1f} s",
                flush=True,
            )
    return measured


def _round(image: str, name: str) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        bare = baseline.bare_cluster(image, Path(folder))
        platform = Platform(name, Path(folder), Path(folder) / "log")
        try:
            began = time.monotonic()
            told = platform.idp("up", "--local", "--progress", "json")
            up = time.monotonic() - began
            began = time.monotonic()
            platform.up()
            no_op = time.monotonic() - began
        finally:
            began = time.monotonic()
            platform.down()
            down = time.monotonic() - began
    return Measured(bare, up, no_op, down, stages(told.out + told.err))


def stages(lines: str) -> dict[str, float]:
    """Seconds of the outermost steps in the JSON lines of `--progress json`."""
    events = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    return {e["path"][0]: e["seconds"] for e in events if e.get("event") == "end" and len(e["path"]) == 1}
