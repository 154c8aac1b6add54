"""Work in the order of its dependencies, a few at a time, stopping at the first failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from bootstrap.bundle import graph


def test_order_and_width() -> None:
    done: list[str] = []
    running: list[int] = []
    active = 0
    guard = threading.Lock()

    def piece(name: str) -> Callable[[], None]:
        def work() -> None:
            nonlocal active
            with guard:
                active += 1
                running.append(active)
            time.sleep(0.01)
            with guard:
                active -= 1
                done.append(name)

        return work

    after = {"b": ["a"], "c": ["a"], "d": ["b", "c"]}
    graph.run({name: piece(name) for name in "abcdef"}, after, workers=2)
    assert sorted(done) == list("abcdef")
    assert all(done.index(x) < done.index(y) for y, xs in after.items() for x in xs)
    assert max(running) == 2


def test_a_failure_stops_what_has_not_begun() -> None:
    done: list[str] = []

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        graph.run({"a": fail, "b": lambda: done.append("b")}, {"b": ["a"]}, workers=2)
    assert done == []


def test_an_interrupt_ends_what_runs() -> None:
    stopped = threading.Event()

    def interrupted() -> None:
        raise KeyboardInterrupt

    def long() -> None:
        assert stopped.wait(5)

    with pytest.raises(KeyboardInterrupt):
        graph.run({"a": interrupted, "b": long}, {}, workers=2, interrupt=stopped.set)
    assert stopped.is_set()
