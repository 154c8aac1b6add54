"""What of the source's models the target lacks, and what a transfer does where a server does not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bootstrap import mlflow
from bootstrap.errors import IdpError
from bootstrap.mlflow import Experiment, Listing, Mlflow, Model, Version
from bootstrap.progress import silent
from bootstrap.promotion import models
from bootstrap.promotion.difference import ModelChange, Relation, VersionChange
from bootstrap.promotion.models import compare

CASES = yaml.safe_load((Path(__file__).parent / "cases/models.yaml").read_text())
MIB = 2**20


def listing(short: dict[str, Any]) -> Listing:
    found = {
        name: Model(**{**one, "versions": {n: Version(run, digest=run) for n, run in versions(one)}})
        for name, one in short.get("models", {}).items()
    }
    experiments = {name: Experiment(**one) for name, one in short.get("experiments", {}).items()}
    return Listing("s", found, experiments)


def versions(model: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from model.get("versions", {}).items()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_comparing(case: dict[str, Any]) -> None:
    source, target = listing(case["source"]), listing(case["target"])
    found = compare(source, target, case.get("chosen"))
    wanted = [
        {
            "versions": [],
            "aliases": {},
            "added": [],
            "changed": [],
            "experiments": [],
            "conflicts": [],
            **change,
        }
        for change in case["changes"]
    ]
    assert [
        {
            "name": change.name,
            "relation": str(change.relation),
            "versions": [version.number for version in change.versions],
            "aliases": {alias: list(pair) for alias, pair in change.aliases.items()},
            "added": list(change.added),
            "changed": list(change.changed),
            "experiments": list(change.experiments),
            "conflicts": list(change.conflicts),
        }
        for change in found
    ] == wanted


def test_a_version_is_told_by_run_and_hash() -> None:
    source = Listing("s", {"pump": Model({"1": Version("r1", sha256="abc")})})
    assert compare(source, Listing("s"))[0].versions == (VersionChange("1", "r1", "abc"),)


def test_other_schemas_are_not_compared() -> None:
    with pytest.raises(IdpError, match="differ in their schema"):
        compare(Listing("a"), Listing("b"))


def test_a_model_that_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(IdpError, match="no model tank"):
        compare(Listing("s", {"pump": Model()}), Listing("s"), ["tank"])


@pytest.mark.parametrize(
    ("size", "count", "largest"),
    [(16 * MIB + 1, 2, 16 * MIB), (2**30, 64, 16 * MIB), (10_000 * 16 * MIB + 1, 10_000, 16 * MIB + 1)],
)
def test_parts_are_the_whole(size: int, count: int, largest: int) -> None:
    found = list(models.parts("1/x", size))
    assert len(found) == count
    assert max(length for _, _, length in found) == largest
    assert sum(length for _, _, length in found) == size


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(IdpError, match="too large"):
        list(models.parts("1/x", 2**40))


def server(said: dict[str, httpx.Response]) -> Mlflow:
    def answer(request: httpx.Request) -> httpx.Response:
        return said[f"{request.method} {request.url.path.removeprefix('/t/')}"]

    return Mlflow(httpx.Client(transport=httpx.MockTransport(answer), base_url="https://mlflow.test/t/"))


def test_damaged_bytes_are_found_before_any_row_is_written() -> None:
    export = {"roots": ["1/r1/artifacts"], "elsewhere": [], "rows": {}}
    source = server(
        {
            "POST models/rows": httpx.Response(200, json=export),
            "GET artifacts": httpx.Response(200, json={"1/r1/artifacts/x": 3}),
            "GET artifacts/object": httpx.Response(206, content=b"abc"),
        }
    )
    other = hashlib.sha256(b"abd").hexdigest()
    target = server(
        {
            "GET artifacts": httpx.Response(200, json={}),
            "PUT artifacts/object": httpx.Response(200, json={"sha256": other}),
        }
    )
    change = ModelChange("pump", (), {}, Relation.NEW)
    with pytest.raises(IdpError, match="1/r1/artifacts/x was damaged"):
        models.transfer(source, target, change, silent())


def test_no_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone", request=request)

    monkeypatch.setattr(mlflow, "RESTART_WITHIN", 0.1)
    client = httpx.Client(transport=httpx.MockTransport(lost), base_url="https://mlflow.test/")
    with pytest.raises(IdpError, match="MLflow does not answer"):
        Mlflow(client).listing()


def test_what_broke_off_is_asked_again() -> None:
    left: list[httpx.Response | httpx.ReadError] = [httpx.Response(502), httpx.ReadError("gone")]

    def answer(request: httpx.Request) -> httpx.Response:
        if not left:
            return httpx.Response(200, json={"schema": "s", "models": {}, "experiments": {}})
        now = left.pop()
        if isinstance(now, Exception):
            raise now
        return now

    client = httpx.Client(transport=httpx.MockTransport(answer), base_url="https://mlflow.test/")
    assert Mlflow(client).listing() == Listing("s")
