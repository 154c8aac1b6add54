"""The one module that runs other programs."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from bootstrap import paths
from bootstrap.errors import IdpError

_INHERITED: ContextVar[tuple[int, ...]] = ContextVar("_INHERITED", default=())


@dataclass(frozen=True)
class Result:
    """What a finished program left: its exit code and its two streams."""

    code: int
    out: str
    err: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment with the pinned tools first on PATH."""
    path = os.pathsep.join([str(paths.tools()), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, **(extra or {})}


@contextmanager
def inherited(descriptor: int) -> Iterator[None]:
    """Let every program that `run` starts meanwhile inherit an open file: a lock, say."""
    before = _INHERITED.set((*_INHERITED.get(), descriptor))
    try:
        yield
    finally:
        _INHERITED.reset(before)


def run(
    argv: Sequence[str | Path],
    *,
    stdin: str | bytes | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    check: bool = True,
    cwd: Path | None = None,
) -> Result:
    """Run a program to its end and return what it said; secrets go in by `stdin` or `env`, never by argv.

    Raises IdpError IDP-X001 (not installed), IDP-X002 (failed), IDP-X003 (over `timeout` seconds).
    """
    command = [str(a) for a in argv]
    given = stdin.encode() if isinstance(stdin, str) else stdin or b""
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            env=environment(env),
            timeout=timeout,
            cwd=cwd,
            pass_fds=_INHERITED.get(),
        )
    except FileNotFoundError as error:
        raise IdpError(
            "IDP-X001", f"the program `{command[0]}` was not found", str(error), "idp doctor"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise IdpError(
            "IDP-X003",
            f"`{shlex.join(command)}` did not end within {timeout:.0f} s",
            tail(error.stderr or b""),
            "idp doctor",
        ) from error
    out, err = (stream.decode(errors="replace") for stream in (done.stdout, done.stderr))
    if check and done.returncode:
        raise IdpError(
            "IDP-X002",
            f"`{shlex.join(command)}` failed with exit code {done.returncode}",
            tail(err or out),
            "idp doctor",
        )
    return Result(done.returncode, out, err)


def tail(output: str | bytes, lines: int = 12) -> str:
    """The last lines of a program's output: where the reason usually stands."""
    text = output.decode(errors="replace") if isinstance(output, bytes) else output
    return "\n".join(text.strip().splitlines()[-lines:])
