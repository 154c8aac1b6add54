"""Ctrl-C ends a command soon, whatever it waits for: no step minds being ended, the next run continues.

The first Ctrl-C unwinds as usual; what has not ended after `GRACE` seconds, or at a second Ctrl-C, is
left. The alarm also serves where a library loses the KeyboardInterrupt.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType

from bootstrap.console.failure import INTERRUPTED, print_interrupted

#: Seconds for what unwinds: Pulumi writes its checkpoint in one or two.
GRACE = 5.0
_SHOW_CURSOR = "\x1b[?25h"


def command_in(arguments: list[str]) -> str:
    """The command that the user typed and can type again."""
    return next((a for a in arguments if not a.startswith("-")), "up")


def watch(arguments: list[str]) -> None:
    """Handle Ctrl-C from here on, for `idp ARGUMENTS`."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may, and only there is it the user's

    def at_once(_signal: int, _frame: FrameType | None) -> None:
        print_interrupted(command_in(arguments))
        leave()

    def first(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, at_once)
        signal.signal(signal.SIGALRM, at_once)
        signal.setitimer(signal.ITIMER_REAL, GRACE)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, first)


def leave() -> None:
    """End now: threads that still wait for an answer would hold up an orderly exit."""
    if sys.stderr.isatty():
        sys.stderr.write(_SHOW_CURSOR)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
