"""Where the bundle lies in the cache folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap import paths
from bootstrap.bundle.layout import Layout, disk_trouble
from bootstrap.progress import Reporter


def root() -> Path:
    return paths.cache() / "bundle"


def layout() -> Layout:
    return Layout(root() / "layout")


def locks() -> Path:
    return root() / "locks"


def lock(stack: str) -> Path:
    return locks() / f"{stack}.json"


def log(name: str) -> Path:
    """The log of the last build of an image."""
    return root() / "logs" / f"{name.replace(':', '-')}.log"


def bake_file() -> Path:
    return root() / "bake.json"


def manifests() -> Path:
    return root() / "manifests"


def scratch() -> Path:
    return root() / "scratch"


def stores() -> Path:
    return paths.cache() / "stores"


@contextmanager
def held(name: str, reporter: Reporter) -> Iterator[None]:
    """Hold a part of the cache alone; waits, and says so, while another command has it."""
    file = root() / f"{name}.lock"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("a+")
    except OSError as error:
        raise disk_trouble(error, file.parent) from error
    with handle:
        _take(handle.fileno(), file, name, reporter)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def _take(descriptor: int, file: Path, name: str, reporter: Reporter) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with reporter.step(f"wait for another command that works on the {name}") as step:
            step.note(f"process {file.read_text().strip() or 'unknown'}; it holds {file}")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
