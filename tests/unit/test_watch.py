"""Following objects never blocks past its deadline and survives a watch that breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from bootstrap import watch
from bootstrap.watch import Object


def thing(name: str, **fields: str) -> Object:
    return {"metadata": {"namespace": "n", "name": name}, **fields}


def names(objects: list[Object]) -> list[str]:
    return sorted(o["metadata"]["name"] for o in objects)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_PAUSE", 0.01)


def test_the_first_state_is_the_list_and_changes_follow() -> None:
    seen = threading.Event()

    def follow(version: str) -> Iterator[tuple[str, Object]]:
        assert version == "7"
        yield "ADDED", thing("b")
        seen.wait(5)
        yield "DELETED", thing("a")
        threading.Event().wait(5)

    states = watch.states(lambda: ([thing("a")], "7"), follow, time.monotonic() + 5)
    assert names(next(states)) == ["a"]
    assert names(next(states)) == ["a", "b"]
    seen.set()
    assert names(next(states)) == ["b"]


def test_a_burst_ends_in_one_state_with_all_of_it() -> None:
    def follow(_: str) -> Iterator[tuple[str, Object]]:
        for i in range(50):
            yield "ADDED", thing(str(i))
        threading.Event().wait(5)

    states = watch.states(lambda: ([], "1"), follow, time.monotonic() + 5)
    assert names(next(states)) == []
    assert next(len(state) for state in states if len(state) >= 50) == 50


def test_a_broken_watch_is_followed_by_a_new_list() -> None:
    lists = iter([([thing("a")], "1"), ([thing("b")], "2")])

    def follow(version: str) -> Iterator[tuple[str, Object]]:
        if version == "1":
            raise ConnectionError
        threading.Event().wait(5)
        yield "ADDED", thing("never")

    states = watch.states(lambda: next(lists), follow, time.monotonic() + 5)
    assert [names(next(states)), names(next(states))] == [["a"], ["b"]]


def test_silence_ends_at_the_deadline() -> None:
    def follow(_: str) -> Iterator[tuple[str, Object]]:
        threading.Event().wait(5)
        yield "ADDED", thing("never")

    began = time.monotonic()
    states = list(watch.states(lambda: ([thing("a")], "1"), follow, began + 0.2))
    assert [names(state) for state in states] == [["a"]]
    assert time.monotonic() - began < 2
