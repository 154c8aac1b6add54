"""The output ladder: which reporter a command gets."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TextIO

from bootstrap.console.jsonlines import JsonLines
from bootstrap.console.plain import PlainLines
from bootstrap.console.style import is_terminal
from bootstrap.progress import Progress


class Mode(StrEnum):
    """How progress is shown; `auto` is live on a terminal and plain elsewhere."""

    AUTO = "auto"
    PLAIN = "plain"
    LIVE = "live"
    JSON = "json"


@contextmanager
def reporting(
    mode: Mode, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Progress]:
    """A reporter for the length of a command; progress goes to standard error."""
    out = stream or sys.stderr
    chosen = choose(mode, out)
    if chosen is Mode.JSON:
        yield Progress(JsonLines(out), clock)
    elif chosen is Mode.PLAIN:
        yield Progress(PlainLines(out), clock)
    else:
        from bootstrap.console.live import LiveTree  # rich takes its time to load

        with LiveTree(out, clock) as tree:
            yield Progress(tree, clock)


def choose(mode: Mode, stream: TextIO) -> Mode:
    """What `auto` means here."""
    if mode is Mode.AUTO:
        return Mode.LIVE if is_terminal(stream) else Mode.PLAIN
    return mode
