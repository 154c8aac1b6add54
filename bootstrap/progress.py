"""How long work tells what it is doing: steps that nest, notes in them, one stream of events out.

Stages take a `Reporter` and never print. What becomes of the events is the console's business.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["start", "note", "end"]


class Reporter(Protocol):
    """What a stage is given: `with reporter.step("create the cluster") as step: …`."""

    def step(self, title: str) -> AbstractContextManager[Step]:
        """A step that lasts as long as its `with` block; it has failed when the block raises."""
        ...


class Step(Reporter, Protocol):
    """A running step: takes notes, and steps of its own. Both are safe from any thread."""

    def note(self, text: str) -> None:
        """One line about what was found or decided, such as `already there` or `port 8444`."""
        ...


@dataclass(frozen=True)
class Event:
    """Something that happened to the step `id`; `titles` leads to it from the outermost step."""

    kind: Kind
    id: int
    titles: tuple[str, ...]
    text: str = ""
    ok: bool = True
    seconds: float = 0.0

    @property
    def title(self) -> str:
        return self.titles[-1]

    @property
    def depth(self) -> int:
        return len(self.titles) - 1


class Progress:
    """The Reporter: numbers the steps, measures them by `clock` and hands events to `sink`, one at a time.

    `stages` are the outermost steps that succeeded, with their seconds.
    """

    def __init__(self, sink: Callable[[Event], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._sink = sink
        self._clock = clock
        self._ids = itertools.count(1)
        self._lock = threading.RLock()
        self.stages: list[tuple[str, float]] = []

    def step(self, title: str) -> AbstractContextManager[Step]:
        return self.run((title,))

    @contextmanager
    def run(self, titles: tuple[str, ...]) -> Iterator[Step]:
        """The life of one step: start, whatever its body reports, end."""
        with self._lock:
            number = next(self._ids)
        began = self._clock()
        self.emit(Event("start", number, titles))
        ok = False
        try:
            yield _Step(self, number, titles)
            ok = True
        finally:
            self.emit(Event("end", number, titles, ok=ok, seconds=self._clock() - began))

    def emit(self, event: Event) -> None:
        with self._lock:
            if event.kind == "end" and event.ok and event.depth == 0:
                self.stages.append((event.title, event.seconds))
            self._sink(event)


@dataclass(frozen=True)
class _Step:
    progress: Progress
    number: int
    titles: tuple[str, ...]

    def note(self, text: str) -> None:
        self.progress.emit(Event("note", self.number, self.titles, text))

    def step(self, title: str) -> AbstractContextManager[Step]:
        return self.progress.run((*self.titles, title))


def silent() -> Reporter:
    """A reporter for tests and for callers that do not want to hear."""
    return Progress(lambda event: None)
