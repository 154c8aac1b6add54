"""Run a few independent requests at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def gather(calls: Iterable[Callable[[], T]], workers: int = 8) -> list[T]:
    """The results, in the order of the calls; when all have ended, the first error is raised."""
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(call) for call in calls]
    return [future.result() for future in futures]
