"""Work on an instance that outlives the `idp` that started it.

Pulumi and the programs that a provider starts go on when `idp` is killed. A lock that each of them
inherits tells the next run whether one is still at it; the last to end releases it.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bootstrap import shell
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter

#: Seconds that an orphan may still take; creating a node takes 10 to 40.
_PATIENCE = 300.0
_FILE = "work.lock"


@contextmanager
def working(folder: Path) -> Iterator[None]:
    """Let the next run know that this process, and all that it starts meanwhile, work on the instance."""
    with (folder / _FILE).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        with shell.inherited(file.fileno()):
            yield


def await_end(folder: Path, reporter: Reporter, patience: float = _PATIENCE) -> None:
    """Wait for what an earlier run has left at work. Raises IDP-P011 where that takes too long."""
    if not folder.is_dir():
        return
    with (folder / _FILE).open("a") as file:
        if _is_free(file):
            return
        with reporter.step(f"wait for what an earlier run left at work (at most {patience:.0f} s)"):
            deadline = time.monotonic() + patience
            while not _is_free(file):
                if time.monotonic() > deadline:
                    raise _still_working(folder / _FILE, patience)
                time.sleep(0.2)


def _is_free(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _still_working(file: Path, patience: float) -> IdpError:
    return IdpError(
        "IDP-P011",
        "an earlier run of idp was ended, but what it started is still at work",
        f"a process holds {file} since more than {patience:.0f} s",
        f"fuser -v {file}   # names the process; end it, then run `idp up` again",
    )
