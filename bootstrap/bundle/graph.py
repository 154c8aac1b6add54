"""Run work that depends on other work, a few pieces at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter


def run(
    work: Mapping[str, Callable[[], None]],
    after: Mapping[str, Sequence[str]],
    workers: int,
    interrupt: Callable[[], None] = lambda: None,
) -> None:
    """Call every function once, each after those it names in `after`, at most `workers` at a time.

    The first failure stops what has not begun; what runs is waited for, and then the failure is raised.
    On Ctrl-C `interrupt` is called, which must make what runs end soon.
    """
    sorter = TopologicalSorter({name: after.get(name, ()) for name in work})
    sorter.prepare()
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(max_workers=workers) as pool:
        try:
            while sorter.is_active():
                for name in sorter.get_ready():
                    running[pool.submit(work[name])] = name
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    name = running.pop(future)
                    future.result()
                    sorter.done(name)
        except BaseException as error:
            for future in running:
                future.cancel()
            if isinstance(error, KeyboardInterrupt):
                interrupt()
            raise
