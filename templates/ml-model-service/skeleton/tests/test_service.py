"""What callers of this service rely on, with a small model in place of the registered one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from idp_ml import drift, tables
from idp_ml.serving import Journal, Settings, create_app
from idp_ml.tracking import Loaded, Version
from sklearn.tree import DecisionTreeClassifier

import service

IRIS = tables.load("iris")
ROW = {name: float(value) for name, value in IRIS.features.iloc[0].items()}


class Registry:
    """MLflow, as far as a service sees it."""

    version = ""

    def by_alias(self, name: str, alias: str) -> Version | None:
        return Version(name, self.version, "run") if self.version else None

    def load(self, version: Version) -> Loaded:
        model = DecisionTreeClassifier(random_state=0).fit(IRIS.features, IRIS.target)
        columns = dict.fromkeys(IRIS.features, "double")
        return Loaded(version, model, columns, drift.reference(IRIS.features), {"version": version.number})


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def client(registry: Registry, tmp_path: Path) -> Iterator[TestClient]:
    chosen = Settings.load(service.SETTINGS)
    with TestClient(create_app(chosen, registry, Journal(tmp_path / "log.db", 100))) as started:
        yield started


def look(client: TestClient) -> None:
    """Do now what the service does every few seconds."""
    client.app.state.service.watch.look()  # type: ignore[attr-defined]


def test_without_a_version_the_answer_says_why(client: TestClient) -> None:
    look(client)
    answer = client.post("/predict", json={"instances": [ROW]})
    assert answer.status_code == 503
    assert Settings.load(service.SETTINGS).model in answer.json()["detail"]
    assert client.get("/healthz").status_code == 200


def test_a_version_goes_live_and_its_predictions_are_logged(client: TestClient, registry: Registry) -> None:
    for version in ("1", "2"):
        registry.version = version
        look(client)
        answer = client.post("/predict", json={"instances": [ROW, list(ROW.values())]}).json()
        assert (answer["predictions"], answer["version"]) == (["setosa", "setosa"], version)
        logged = client.get("/predictions", params={"request_id": answer["request_id"]}).json()["predictions"]
        assert [entry["version"] for entry in logged] == [version, version]
        assert logged[0]["features"] == ROW


def test_a_wrong_request_is_told_its_field(client: TestClient, registry: Registry) -> None:
    registry.version = "1"
    look(client)
    answer = client.post("/predict", json={"instances": [{**ROW, "petal_width_cm": "wide"}]})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "instances", 0, "petal_width_cm"]


def test_the_api_description_is_current(client: TestClient) -> None:
    kept = json.loads((Path(__file__).parents[1] / "openapi.json").read_text())
    assert kept == service.described(client.get("/openapi.json").json()), "run: python src/service.py > openapi.json"
