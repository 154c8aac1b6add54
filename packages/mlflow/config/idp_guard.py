"""MLflow's server, in which the alias `production` is moved by the portal and nobody else.

Everything that changes the model registry, by whatever path and in whatever spelling, ends in a few
methods of one store: they are what is guarded, rather than requests. Whether a request is the portal's
is told by a header with a secret; without one, a change that concerns production is refused.
"""

from __future__ import annotations

import functools
import hmac
import inspect
import os
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

ALIAS = "production"
HEADER = b"x-idp-governance"
SECRET = "IDP_GOVERNANCE_SECRET"  # noqa: S105 - the name of a variable

#: What an approval looked at: tags of a version that begin like this stay as they are once it is registered.
EVIDENCE = ("data.", "code.", "pipeline.", "runtime.", "model.")

#: Methods of the store that could take a version into production or out of it, or change what it is.
GUARDED = (
    "set_registered_model_alias",
    "delete_registered_model_alias",
    "delete_model_version",
    "delete_registered_model",
    "rename_registered_model",
    "set_model_version_tag",
    "delete_model_version_tag",
)
#: Of these, the ones that matter only for what is in production.
_REMOVING = {"delete_model_version", "delete_registered_model", "rename_registered_model"}

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

_entitled: ContextVar[bool] = ContextVar("entitled", default=False)


def refusal(method: str, given: Mapping[str, Any], production: str | None, entitled: bool) -> str:
    """Why a change may not be made; empty where it may.

    `given` are the method's arguments, `production` the model's version in production, if any.
    """
    if entitled:
        return ""
    how = "people approve and promote versions on the model's page in the portal, which keeps a record"
    if "alias" in given:
        if str(given["alias"]).strip().casefold() == ALIAS:
            return f"the alias `{ALIAS}` of {given['name']} is not moved here: {how}"
        return ""
    if method in _REMOVING:
        concerned = production is not None and str(given.get("version", production)) == production
        return f"version {production} of {given['name']} is in production: {how}" if concerned else ""
    tag = given["key"] if "key" in given else given["tag"].key
    if str(tag).startswith(EVIDENCE):
        return f"the tag `{tag}` of a version is evidence and stays as it was registered"
    return ""


def is_portal(scope: Scope, secret: bytes) -> bool:
    """Whether a request carries the secret, once and exactly."""
    given = [value for name, value in scope.get("headers", ()) if name.lower() == HEADER]
    return len(given) == 1 and bool(secret) and hmac.compare_digest(given[0], secret)


def marking(app: App, secret: bytes) -> App:
    """The application, with each request marked as the portal's or not."""

    async def marked(scope: Scope, receive: Any, send: Any) -> None:
        before = _entitled.set(is_portal(scope, secret))
        try:
            await app(scope, receive, send)
        finally:
            _entitled.reset(before)

    return marked


def protect(store: type, refuse: Callable[[str], Exception]) -> None:
    """Guard a store's methods. Raises AttributeError where one is missing: such a server must not start."""
    for name in GUARDED:
        setattr(store, name, _guarded(getattr(store, name), refuse))


def _guarded(method: Callable[..., Any], refuse: Callable[[str], Exception]) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        given = dict(signature.bind(self, *args, **kwargs).arguments)
        needed = method.__name__ in _REMOVING and not _entitled.get()
        production = _in_production(self, given["name"]) if needed else None
        if why := refusal(method.__name__, given, production, _entitled.get()):
            raise refuse(why)
        return method(self, *args, **kwargs)

    return guarded


def _in_production(store: Any, name: str) -> str | None:
    """The version in production; raises what the store raises where there is no such model."""
    versions = [
        v for alias, v in store.get_registered_model(name).aliases.items() if alias.casefold() == ALIAS
    ]
    return str(versions[0]) if versions else None


def serve() -> App:
    """What uvicorn runs: MLflow's own application, guarded."""
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import PERMISSION_DENIED
    from mlflow.server.fastapi_app import app
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore

    secret = os.environ[SECRET].encode()
    if not secret:
        raise SystemExit(f"{SECRET} is empty: nobody could put a model into production")

    def refuse(why: str) -> Exception:
        return MlflowException(why, error_code=PERMISSION_DENIED)

    protect(SqlAlchemyStore, refuse)
    for kind in SqlAlchemyStore.__subclasses__():
        own = [name for name in GUARDED if name in vars(kind)]
        for name in own:
            setattr(kind, name, _guarded(vars(kind)[name], refuse))
    return marking(app, secret)
