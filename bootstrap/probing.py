"""Ask until it is true: probes that run side by side, once or until a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from bootstrap.errors import IdpError
from bootstrap.model import Check

INTERVAL = 0.5
NUDGE_EVERY = 15.0


class NotYet(Exception):  # noqa: N818 - an answer, not an error
    """What is asked for is not there; the text says what is missing."""


@dataclass(frozen=True)
class Probe:
    """A question with a name. `ask` returns what it found, or raises NotYet or IdpError.

    `nudge` may hurry things along; it is called while the answer is no after `patience` seconds, and
    never by a single pass.
    """

    name: str
    ask: Callable[[], str]
    nudge: Callable[[], object] | None = None
    patience: float = 4.0


def answer(probe: Probe) -> Check:
    """Ask once."""
    began = time.monotonic()
    try:
        ok, detail = True, probe.ask()
    except NotYet as no:
        ok, detail = False, str(no)
    except IdpError as error:
        ok, detail = False, f"{error.what}: {error.why}" if error.why else error.what
    return Check(probe.name, ok, " ".join(detail.split())[:300], time.monotonic() - began)


def once(probes: Sequence[Probe]) -> list[Check]:
    """One pass over all probes at the same time."""
    with ThreadPoolExecutor(max(1, len(probes))) as pool:
        return list(pool.map(answer, probes))


def until(probes: Sequence[Probe], timeout: float, waiting: Callable[[Sequence[Check]], None]) -> list[Check]:
    """Ask every probe until it says yes or `timeout` seconds are over.

    `waiting` hears the open checks whenever their set changes, from one thread at a time.
    """
    board = _Board(waiting, probes)
    deadline = time.monotonic() + timeout
    with ThreadPoolExecutor(max(1, len(probes))) as pool:
        return list(pool.map(lambda probe: _pursue(probe, deadline, board), probes))


def _pursue(probe: Probe, deadline: float, board: _Board) -> Check:
    next_nudge = time.monotonic() + probe.patience
    while True:
        check = answer(probe)
        board.post(check)
        now = time.monotonic()
        if check.ok or now >= deadline:
            return check
        if probe.nudge and now >= next_nudge:
            next_nudge = now + NUDGE_EVERY
            _hurry(probe.nudge)
        time.sleep(min(INTERVAL, max(0.0, deadline - now)))


def _hurry(nudge: Callable[[], object]) -> None:
    """A nudge that fails changes nothing: the probe goes on asking."""
    with suppress(IdpError, NotYet):
        nudge()


class _Board:
    """The newest answer to every probe."""

    def __init__(self, waiting: Callable[[Sequence[Check]], None], probes: Sequence[Probe]) -> None:
        self._waiting = waiting
        self._open: dict[str, Check | None] = {probe.name: None for probe in probes}
        self._said: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def post(self, check: Check) -> None:
        with self._lock:
            if check.ok:
                self._open.pop(check.name, None)
            else:
                self._open[check.name] = check
            self._tell(self._open)

    def _tell(self, still: Mapping[str, Check | None]) -> None:
        """Nothing is said before every probe has answered once."""
        answered = [check for check in still.values() if check]
        names = tuple(check.name for check in answered)
        if len(answered) == len(still) and names and names != self._said:
            self._said = names
            self._waiting(answered)
