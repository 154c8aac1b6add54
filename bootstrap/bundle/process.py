"""Programs whose streams are too large to hold: they are piped, logged, and stopped when the user is."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from bootstrap import shell
from bootstrap.errors import IdpError

_running: set[subprocess.Popen[bytes]] = set()
_guard = threading.Lock()


def stop_all() -> None:
    """End the programs that this process still runs; called when the user interrupts."""
    with _guard:
        for process in _running:
            with contextlib.suppress(OSError):
                process.terminate()


@contextmanager
def reading(argv: Sequence[str]) -> Iterator[IO[bytes]]:
    """The standard output of a program as a stream. Raises IDP-X002 if the program fails."""
    with tempfile.TemporaryFile() as errors:
        with _started(argv, stdout=subprocess.PIPE, stderr=errors) as process:
            stream = cast(IO[bytes], process.stdout)
            yield stream
            stream.close()
            process.wait()
        _check(argv, process.returncode, errors)


@contextmanager
def writing(argv: Sequence[str]) -> Iterator[IO[bytes]]:
    """The standard input of a program as a stream. Raises IDP-X002 if the program fails."""
    with tempfile.TemporaryFile() as output:
        broken: BrokenPipeError | None = None
        with _started(argv, stdin=subprocess.PIPE, stdout=output, stderr=output) as process:
            stream = cast(IO[bytes], process.stdin)
            try:
                yield stream
                stream.close()
            except BrokenPipeError as error:
                broken = error
            process.wait()
        _check(argv, process.returncode or (1 if broken else 0), output)


def logged(argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> int:
    """Run a program with everything it says in the file `log`; returns its exit code."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file, _started(argv, stdout=file, stderr=file, env=env) as process:
        return process.wait()


@contextmanager
def _started(
    argv: Sequence[str],
    env: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[bytes]]:
    try:
        process = subprocess.Popen(
            argv, env=shell.environment(env), stdin=stdin, stdout=stdout, stderr=stderr
        )
    except FileNotFoundError as error:
        raise IdpError(
            "IDP-X001", f"the program `{argv[0]}` was not found", str(error), "idp doctor"
        ) from error
    with _guard:
        _running.add(process)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()
        with _guard:
            _running.discard(process)


def _check(argv: Sequence[str], code: int, output: IO[bytes]) -> None:
    if code:
        output.seek(0)
        raise IdpError(
            "IDP-X002",
            f"`{shlex.join(argv)}` failed with exit code {code}",
            shell.tail(output.read()),
            "idp doctor",
        )
