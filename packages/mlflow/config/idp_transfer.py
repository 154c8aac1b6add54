"""MLflow's server with a door for `idp promote`, through which whole models go out of one and into another.

What lies below `/idp/transfer/` is answered here and never by MLflow, and to nobody without a secret of
its own. Everything else is what `idp_guard` serves.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

PREFIX = "/idp/transfer"
HEADER = b"x-idp-transfer"
SECRET = "IDP_TRANSFER_SECRET"  # noqa: S105 - the name of a variable

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


def is_below(path: str) -> bool:
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def knows(scope: Scope, secret: bytes) -> bool:
    """Whether a request carries the secret, once and exactly."""
    given = [value for name, value in scope.get("headers", ()) if name.lower() == HEADER]
    return len(given) == 1 and bool(secret) and hmac.compare_digest(given[0], secret)


def dividing(app: App, transfer: App, secret: bytes) -> App:
    """Requests below the prefix to `transfer` or, without the secret, to nobody; all others to `app`."""

    async def divided(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or not is_below(scope["path"]):
            await app(scope, receive, send)
        elif scope["type"] == "http" and knows(scope, secret):
            await transfer(scope, receive, send)
        else:
            await _refuse(scope, send)

    return divided


async def _refuse(scope: Scope, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": b"models are moved by `idp promote` alone\n"})


def serve() -> App:
    """What uvicorn runs: the guarded server, with the door."""
    import idp_guard
    import idp_transfer_api

    secret = os.environ[SECRET].encode()
    if not secret:
        raise SystemExit(f"{SECRET} is empty: no model could be promoted")
    return dividing(idp_guard.serve(), idp_transfer_api.application(PREFIX), secret)
