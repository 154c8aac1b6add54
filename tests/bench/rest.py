"""What a platform takes when nobody uses it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import docker

GIB = 1024**3
SETTLE = 60.0
#: GiB for the whole node with every package of the reference stack.
BAR = 4.0


@dataclass(frozen=True)
class Rest:
    """GiB of memory that the node cannot give back (without the page cache), and cores it uses."""

    memory_gib: float
    cpu_cores: float


def measure(node: str, seconds: float = 30) -> Rest:
    """The container of the node, as the engine accounts it."""
    time.sleep(SETTLE)
    before, began = _usage(node), time.monotonic()
    time.sleep(seconds)
    after, took = _usage(node), time.monotonic() - began
    return Rest(after[0] / GIB, (after[1] - before[1]) / 1e9 / took)


def _usage(node: str) -> tuple[int, int]:
    """Bytes of memory in use and nanoseconds of CPU so far."""
    stats = docker.from_env().containers.get(node).stats(stream=False)
    memory = stats["memory_stats"]
    cache = memory.get("stats", {})
    reclaimable = cache.get("total_inactive_file", cache.get("inactive_file", 0))
    return memory["usage"] - reclaimable, stats["cpu_stats"]["cpu_usage"]["total_usage"]
