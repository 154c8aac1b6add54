"""How long a platform lives: `8h`, `3d`; from that, the moment at which it may be removed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bootstrap.errors import WRONG_USE, IdpError

_TTL = re.compile(r"^([1-9][0-9]{0,3})([hd])$")


def parse(text: str) -> timedelta:
    """A time to live in hours or days. Raises IDP-C030."""
    found = _TTL.match(text)
    if not found:
        raise IdpError(
            "IDP-C030",
            f"`{text}` is no time to live",
            "it is a whole number of hours or days",
            "idp up --cloud --ttl 8h   # or 3d",
            exit_code=WRONG_USE,
        )
    count = int(found[1])
    return timedelta(hours=count) if found[2] == "h" else timedelta(days=count)


def expires_at(now: datetime, ttl: str) -> str:
    """When it ends: ISO 8601, UTC, whole seconds."""
    return (now + parse(ttl)).strftime("%Y-%m-%dT%H:%M:%SZ")
