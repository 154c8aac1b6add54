"""Ask before something is lost."""

from __future__ import annotations

import sys

import typer

from bootstrap.errors import WRONG_USE, IdpError


def ask(deed: str, loss: str, command: str) -> None:
    """Ask at the terminal whether to go on; `command` is the one that does not ask.

    Raises IDP-A012 where nobody can answer, or where the answer is no.
    """
    if not sys.stdin.isatty():
        raise IdpError(
            "IDP-A012",
            f"{deed} {loss}, and there is no terminal to ask at",
            fix=command,
            exit_code=WRONG_USE,
        )
    if not typer.confirm(f"{deed[0].upper()}{deed[1:]} {loss}. Go on?", err=True):
        raise IdpError("IDP-A012", "nothing was done: the answer was no", fix=command)
