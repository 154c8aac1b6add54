"""Who promotes, as this machine knows it."""

from __future__ import annotations

import getpass
import socket

from bootstrap import shell
from bootstrap.errors import IdpError
from bootstrap.promotion.record import Person


def me() -> Person:
    """By Git's own settings, which also name the author of commits; else the account on this machine."""
    account = getpass.getuser()
    return Person(
        name=_setting("user.name") or account,
        email=_setting("user.email") or f"{account}@{socket.gethostname()}",
    )


def _setting(name: str) -> str:
    try:
        return shell.run(["git", "config", "--get", name], check=False, timeout=30).out.strip()
    except IdpError:
        return ""
