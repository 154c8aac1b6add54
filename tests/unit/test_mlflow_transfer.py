"""The door of `idp promote` in MLflow's server: who comes in, and which keys are those of artifacts."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bootstrap import paths


def loaded(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, paths.packages() / f"mlflow/config/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its data classes look for it
    spec.loader.exec_module(module)
    return module


transfer, objects = loaded("idp_transfer"), loaded("idp_transfer_objects")
SECRET = b"geheim"


def reached(scope: dict[str, Any], secret: bytes = SECRET) -> str:
    """Who answers a request: `mlflow`, `transfer`, or a status."""
    came: list[str] = []

    def app(name: str) -> Any:
        async def one(scope: Any, receive: Any, send: Any) -> None:
            came.append(name)

        return one

    async def send(message: dict[str, Any]) -> None:
        if "status" in message or "code" in message:
            came.append(str(message.get("status") or message.get("code")))

    request = transfer.dividing(app("mlflow"), app("transfer"), secret)(scope, None, send)
    # In a thread of its own: a browser of other tests may have left a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, request).result()
    assert len(came) == 1
    return came[0]


def asked(path: str, *headers: tuple[bytes, bytes], kind: str = "http") -> dict[str, Any]:
    return {"type": kind, "path": path, "headers": headers}


GIVEN = (b"x-idp-transfer", SECRET)


@pytest.mark.parametrize(
    ("scope", "by"),
    [
        (asked("/api/2.0/mlflow/runs/get"), "mlflow"),
        (asked("/api/2.0/mlflow/runs/get", GIVEN), "mlflow"),
        (asked("/idp/transferred"), "mlflow"),
        ({"type": "lifespan"}, "mlflow"),
        (asked("/idp/transfer/models", GIVEN), "transfer"),
        (asked("/idp/transfer/models", (b"X-Idp-Transfer", SECRET)), "transfer"),
        (asked("/idp/transfer"), "403"),
        (asked("/idp/transfer/models"), "403"),
        (asked("/idp/transfer/models", (b"x-idp-transfer", b"other")), "403"),
        (asked("/idp/transfer/models", (b"x-idp-governance", SECRET)), "403"),
        # Two of them: one may have been added on the way.
        (asked("/idp/transfer/models", GIVEN, (b"x-idp-transfer", b"other")), "403"),
        (asked("/idp/transfer/models", GIVEN, kind="websocket"), "1008"),
    ],
)
def test_who_comes_in(scope: dict[str, Any], by: str) -> None:
    assert reached(scope) == by


def test_an_empty_secret_lets_nobody_in() -> None:
    assert reached(asked("/idp/transfer/models", (b"x-idp-transfer", b"")), b"") == "403"


@pytest.mark.parametrize(
    ("uri", "root"),
    [
        ("mlflow-artifacts:/1/abc/artifacts", "1/abc/artifacts"),
        ("mlflow-artifacts://host:5000/1/abc/artifacts/", "1/abc/artifacts"),
        ("mlflow-artifacts:/1/models/m-1/artifacts", "1/models/m-1/artifacts"),
        ("mlflow-artifacts:/1/../2", None),
        ("mlflow-artifacts:/x/1", None),
        ("mlflow-artifacts:/1", None),
        ("s3://other/1/abc", None),
        (None, None),
    ],
)
def test_where_artifacts_lie(uri: str | None, root: str | None) -> None:
    assert objects.root(uri) == root
