"""Durations and colours, the same wherever they are printed."""

from __future__ import annotations

import os
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def duration(seconds: float) -> str:
    """`0.4 s`, `59.9 s`, `1 min 00 s`, `1 h 02 min`: short, and never two spellings of one time."""
    tenths = round(seconds * 10)
    if tenths < 600:
        return f"{tenths // 10}.{tenths % 10} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def is_terminal(stream: TextIO) -> bool:
    """A terminal that can move its cursor; `TERM=dumb` is one that cannot."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def coloured(stream: TextIO) -> bool:
    """Colours only on a terminal, and never where NO_COLOR is set (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def paint(text: str, style: str, stream: TextIO) -> str:
    """`text` in `style` (such as `bold red`) where the stream shows colours."""
    if not text or not coloured(stream):
        return text
    codes = ";".join(_CODES[word] for word in style.split())
    return f"\033[{codes}m{text}\033[0m"
