"""The one place that prints errors: what happened, why, and the command that fixes it."""

from __future__ import annotations

import sys
from typing import TextIO

from bootstrap.console.jsonlines import write
from bootstrap.console.style import paint
from bootstrap.errors import IdpError

INTERRUPTED = 130  # 128 + SIGINT, what shells expect


def print_error(error: IdpError, *, as_json: bool = False, stream: TextIO | None = None) -> None:
    """Everything the error knows, on standard error."""
    out = stream or sys.stderr
    if as_json:
        write(record(error), out)
        return
    out.write("\n".join(lines(error, out)) + "\n")


def lines(error: IdpError, stream: TextIO) -> list[str]:
    """The error for people."""
    text = [f"{paint(f'Error {error.code}:', 'bold red', stream)} {error.what}"]
    text += [f"  {line}" for line in error.why.splitlines()]
    text += [f"  - {fault}" for fault in error.faults]
    if error.fix:
        text += ["", paint("To fix this:", "bold", stream), *_commands(error.fix)]
    text += ["", paint(f"More about it: idp explain {error.code}", "dim", stream)]
    return text


def record(error: IdpError) -> dict[str, object]:
    """The error for programs."""
    return {
        "event": "error",
        "code": error.code,
        "what": error.what,
        "why": error.why,
        "faults": error.faults,
        "fix": error.fix,
        "explain": f"idp explain {error.code}",
    }


def print_interrupted(command: str, stream: TextIO | None = None) -> None:
    """One line for Ctrl-C: nothing is lost."""
    out = stream or sys.stderr
    out.write(f"Interrupted. Nothing is lost: run `idp {command}` again, it continues where it stopped.\n")


def _commands(fix: str) -> list[str]:
    """One command stands alone; several are numbered, in the order to run them."""
    steps = fix.splitlines()
    if len(steps) == 1:
        return [f"  {steps[0]}"]
    return [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
