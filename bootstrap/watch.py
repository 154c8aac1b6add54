"""Follow Kubernetes objects as they change, without ever blocking past a deadline."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

Object = dict[str, Any]
Events = queue.SimpleQueue["tuple[str, Object] | None"]

#: Opens a watch from a resource version: events of (operation, object).
Follow = Callable[[str], Iterator[tuple[str, Object]]]

#: A watch that nobody reads any more ends after this many seconds.
SERVER_TIMEOUT = 30
_PAUSE = 0.5


def states(
    listed: Callable[[], tuple[list[Object], str]], follow: Follow, deadline: float
) -> Iterator[list[Object]]:
    """The objects now, and again after each burst of changes, until `deadline` (monotonic seconds).

    A watch that breaks, as it does when the API server restarts, is followed by a new list.
    """
    while time.monotonic() < deadline:
        objects, version = listed()
        current = {_identity(o): o for o in objects}
        yield list(current.values())
        with _events(follow, version) as events:
            while (event := _next(events, deadline)) is not None:
                _update(current, *event)
                if events.empty():
                    yield list(current.values())
        time.sleep(min(_PAUSE, max(0.0, deadline - time.monotonic())))


@contextmanager
def _events(follow: Follow, version: str) -> Iterator[Events]:
    """Events from a thread of their own, so that their reader can give up; None means the watch ended."""
    events: Events = queue.SimpleQueue()
    wanted = threading.Event()
    wanted.set()

    def read() -> None:
        with suppress(Exception):  # whatever ended the watch, the reader lists again
            for event in follow(version):
                if not wanted.is_set():
                    return
                events.put(event)
        events.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        yield events
    finally:
        wanted.clear()


def _next(events: Events, deadline: float) -> tuple[str, Object] | None:
    try:
        return events.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        return None


def _update(current: dict[tuple[str, str], Object], operation: str, changed: Object) -> None:
    if operation == "DELETED":
        current.pop(_identity(changed), None)
    else:
        current[_identity(changed)] = changed


def _identity(found: Object) -> tuple[str, str]:
    return found["metadata"].get("namespace", ""), found["metadata"]["name"]
