"""The guard of the alias `production`: what it refuses to everybody but the portal."""

from __future__ import annotations

import asyncio
import importlib.util
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from bootstrap import paths

_spec = importlib.util.spec_from_file_location("idp_guard", paths.packages() / "mlflow/config/idp_guard.py")
assert _spec
assert _spec.loader
guard: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(guard)

SECRET = b"geheim"
ALIAS = {"name": "pump", "alias": "production"}
TAG = SimpleNamespace(key="data.sha256", value="0")


@pytest.mark.parametrize(
    ("method", "given", "production", "refused"),
    [
        ("set_registered_model_alias", {**ALIAS, "version": "2"}, None, "alias `production`"),
        ("set_registered_model_alias", {**ALIAS, "alias": "Production"}, None, "alias `production`"),
        ("set_registered_model_alias", {**ALIAS, "alias": "candidate"}, None, ""),
        ("delete_registered_model_alias", ALIAS, "1", "alias `production`"),
        ("delete_registered_model_alias", {**ALIAS, "alias": "candidate"}, "1", ""),
        ("delete_model_version", {"name": "pump", "version": "1"}, "1", "version 1 of pump is in production"),
        ("delete_model_version", {"name": "pump", "version": "2"}, "1", ""),
        ("delete_registered_model", {"name": "pump"}, "1", "in production"),
        ("delete_registered_model", {"name": "pump"}, None, ""),
        ("rename_registered_model", {"name": "pump", "new_name": "x"}, "1", "in production"),
        ("set_model_version_tag", {"name": "pump", "version": "2", "tag": TAG}, None, "is evidence"),
        (
            "delete_model_version_tag",
            {"name": "pump", "version": "2", "key": "model.sha256"},
            None,
            "is evidence",
        ),
        ("delete_model_version_tag", {"name": "pump", "version": "2", "key": "note"}, None, ""),
    ],
)
def test_what_is_refused(method: str, given: dict[str, Any], production: str | None, refused: str) -> None:
    said = guard.refusal(method, given, production, False)
    assert (refused in said) if refused else not said
    assert not guard.refusal(method, given, production, True)


@pytest.mark.parametrize(
    ("headers", "secret", "portal"),
    [
        ([(b"x-idp-governance", SECRET)], SECRET, True),
        ([(b"X-Idp-Governance", SECRET)], SECRET, True),
        ([], SECRET, False),
        ([(b"x-idp-governance", b"other")], SECRET, False),
        ([(b"x-idp-governance", b"")], b"", False),
        # Two of them: one may have been added on the way.
        ([(b"x-idp-governance", SECRET), (b"x-idp-governance", b"other")], SECRET, False),
    ],
)
def test_who_is_the_portal(headers: list[tuple[bytes, bytes]], secret: bytes, portal: bool) -> None:
    assert guard.is_portal({"type": "http", "headers": headers}, secret) is portal


class RefusedError(Exception):
    """What the server would answer with 403."""


def store() -> Any:
    """A registry with version 1 in production, guarded; `done` is what reached it."""

    class Registry:
        def __init__(self) -> None:
            self.done: list[str] = []

        def get_registered_model(self, name: str) -> Any:
            return SimpleNamespace(name=name, aliases={"candidate": 2, "production": 1})

        def set_registered_model_alias(self, name: str, alias: str, version: str) -> None:
            self.done.append(f"{name} {alias} {version}")

        def delete_registered_model_alias(self, name: str, alias: str) -> None: ...

        def delete_model_version(self, name: str, version: str) -> None:
            self.done.append(f"{name} without {version}")

        def delete_registered_model(self, name: str) -> None: ...

        def rename_registered_model(self, name: str, new_name: str) -> None: ...

        def set_model_version_tag(self, name: str, version: str, tag: Any) -> None: ...

        def delete_model_version_tag(self, name: str, version: str, key: str) -> None: ...

    guard.protect(Registry, RefusedError)
    return Registry()


def asked(headers: list[tuple[bytes, bytes]], change: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.to_thread(change)

    # In a thread of its own: a browser of other tests may have left a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        request = guard.marking(app, SECRET)({"type": "http", "headers": headers}, None, None)
        thread.submit(asyncio.run, request).result()


def test_only_a_request_with_the_secret_moves_the_alias() -> None:
    registry = store()
    with pytest.raises(RefusedError, match="in the portal"):
        asked([], lambda: registry.set_registered_model_alias("pump", alias="production", version="2"))
    with pytest.raises(RefusedError, match="version 1 of pump is in production"):
        asked([], lambda: registry.delete_model_version(name="pump", version=1))
    assert registry.done == []
    asked([], lambda: registry.set_registered_model_alias("pump", "candidate", "2"))
    asked([(guard.HEADER, SECRET)], lambda: registry.set_registered_model_alias("pump", "production", "2"))
    assert registry.done == ["pump candidate 2", "pump production 2"]


def test_a_server_that_cannot_be_guarded_does_not_start() -> None:
    with pytest.raises(AttributeError):
        guard.protect(type("Other", (), {}), RefusedError)
