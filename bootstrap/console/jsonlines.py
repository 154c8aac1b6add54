"""Progress as one JSON object per line: `{"event": "end", "step": 3, "path": […], …}`."""

from __future__ import annotations

import json
from typing import Any, TextIO

from bootstrap.progress import Event


class JsonLines:
    """Writes one object per event, and flushes it at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        write(record(event), self._stream)


def record(event: Event) -> dict[str, Any]:
    """The object of an event: only the fields that its kind has."""
    common: dict[str, Any] = {"event": event.kind, "step": event.id, "path": list(event.titles)}
    if event.kind == "note":
        return {**common, "text": event.text}
    if event.kind == "end":
        return {**common, "ok": event.ok, "seconds": round(event.seconds, 3)}
    return common


def write(value: dict[str, Any], stream: TextIO) -> None:
    """One compact line."""
    stream.write(json.dumps(value, ensure_ascii=False) + "\n")
    stream.flush()
