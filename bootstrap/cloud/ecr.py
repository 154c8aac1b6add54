"""Amazon's registry: how to sign in to it with the account's own credentials."""

from __future__ import annotations

import base64
import re

from bootstrap.cloud import session

#: ACCOUNT.dkr.ecr.REGION.SUFFIX ("Private registry in Amazon ECR"), also with -fips.
_HOST = re.compile(r"\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.")


def region_of(host: str) -> str:
    """The region that a registry's host names; empty for a registry of somebody else."""
    found = _HOST.match(host)
    return found[1] if found else ""


def login(host: str = "") -> tuple[str, str]:
    """User and password of the account's registry; they live for twelve hours."""
    with session.explained("signing in to the registry"):
        client = session.connect(region_of(host)).client("ecr")
        data = client.get_authorization_token()["authorizationData"][0]
    user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    return user, password
