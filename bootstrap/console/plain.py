"""Progress as lines that stay the same from release to release: for logs, pipes and people who grep.

    start  bundle / gitea
    note   bundle / gitea: unchanged
    done   bundle / gitea  0.4 s

A step prints when it starts, not only when it ends, so that slow and hung look different; every line
carries the whole path, so that lines of parallel steps can be told apart.
"""

from __future__ import annotations

from typing import TextIO

from bootstrap.console.style import duration
from bootstrap.progress import Event


class PlainLines:
    """Writes one line per event, and flushes it at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        self._stream.write(line(event) + "\n")
        self._stream.flush()


def line(event: Event) -> str:
    """The line of an event; a note of several lines becomes one."""
    path = " / ".join(event.titles)
    if event.kind == "start":
        return f"start  {path}"
    if event.kind == "note":
        return f"note   {path}: {' | '.join(event.text.splitlines())}"
    return f"{'done' if event.ok else 'fail'}   {path}  {duration(event.seconds)}"
