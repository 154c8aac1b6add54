"""The service: what it answers with a model, without one, and while a version is broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sklearn.ensemble import RandomForestClassifier

from idp_ml import drift, tables
from idp_ml.serving import Settings, create_app
from idp_ml.serving.journal import Journal
from idp_ml.tracking import Loaded, Version, _type

TABLE = tables.load("iris")
MODEL = RandomForestClassifier(5, random_state=0).fit(TABLE.features, TABLE.target)
ROW = {name: float(value) for name, value in TABLE.features.iloc[0].items()}
COLUMNS = {name: _type(TABLE.features[name]) for name in TABLE.features}


class Registry:
    """MLflow, as far as the service sees it."""

    def __init__(self) -> None:
        self.number, self.broken, self.down = "", False, False

    def by_alias(self, name: str, alias: str) -> Version | None:
        if self.down:
            raise ConnectionError("connection refused")
        return Version(name, self.number, f"run-{self.number}") if self.number else None

    def load(self, version: Version) -> Loaded:
        model: Any = None if self.broken else MODEL
        return Loaded(version, model, COLUMNS, drift.reference(TABLE.features), {"version": version.number})


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def client(registry: Registry, tmp_path: Path) -> Iterator[TestClient]:
    chosen = Settings("iris", "iris-quality", "production", poll_seconds=3600)
    with TestClient(create_app(chosen, registry, Journal(tmp_path / "log.db", 100))) as started:
        started.look = started.app.state.service.watch.look
        yield started


def test_without_a_version_it_lives_and_says_why(client: TestClient, registry: Registry) -> None:
    client.look()
    assert client.get("/healthz").status_code == 200
    for answer in (
        client.post("/predict", json={"instances": [ROW]}),
        client.get("/readyz"),
        client.get("/drift"),
    ):
        assert answer.status_code == 503
        assert "no version of iris-quality with the alias production" in answer.json()["detail"]
    registry.down = True
    client.look()
    assert "connection refused" in client.get("/model").json()["detail"]


def test_versions_go_live_and_broken_ones_do_not(client: TestClient, registry: Registry) -> None:
    registry.number = "1"
    client.look()
    answer = client.post("/predict", json={"instances": [ROW, list(ROW.values())]}).json()
    assert answer["predictions"] == ["setosa", "setosa"]
    assert (answer["model"], answer["version"]) == ("iris-quality", "1")
    registry.number, registry.broken = "2", True
    client.look()
    ready = client.get("/readyz").json()
    assert ready["version"] == "1"
    assert "version 2 cannot be served" in ready["trouble"]
    registry.number, registry.broken = "3", False
    client.look()
    assert client.get("/readyz").json() == {"status": "ready", "version": "3", "trouble": ""}
    registry.down = True
    client.look()
    assert client.post("/predict", json={"instances": [ROW]}).json()["version"] == "3"


def test_predictions_are_in_the_log(client: TestClient, registry: Registry) -> None:
    registry.number = "1"
    client.look()
    answer = client.post("/predict", json={"instances": [ROW]}).json()
    (entry,) = client.get("/predictions", params={"request_id": answer["request_id"]}).json()["predictions"]
    assert (entry["prediction"], entry["version"]) == ("setosa", "1")
    assert entry["features"] == ROW
    assert {"time", "model", "features_sha256", "probability"} <= entry.keys()
    assert len(client.get("/predictions?limit=1").json()["predictions"]) == 1
    assert client.get("/predictions?limit=0").status_code == 422


def test_drift_speaks_when_there_is_enough(client: TestClient, registry: Registry) -> None:
    registry.number = "1"
    client.look()
    assert client.get("/drift").json()["state"] == "too few"
    far = {name: value + 5 for name, value in ROW.items()}
    client.post("/predict", json={"instances": [far] * 60})
    found = client.get("/drift").json()
    assert found["state"] == "drift"
    exposed = client.get("/metrics").text
    assert 'drift_psi{feature="sepal_length_cm"}' in exposed
    assert "model_ready 1.0" in exposed


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "instances"),
        ({"instances": []}, "instances"),
        ({"instances": [{**ROW, "petal_width_cm": "wide"}]}, "petal_width_cm"),
        ({"instances": [{**ROW, "petal_width_cm": None}]}, "petal_width_cm"),
        ({"instances": [{**ROW, "weight": 1}]}, "weight"),
        ({"instances": [ROW], "more": 1}, "more"),
    ],
)
def test_a_wrong_request_is_told_its_field(
    client: TestClient, registry: Registry, body: dict[str, Any], field: str
) -> None:
    registry.number = "1"
    client.look()
    answer = client.post("/predict", json=body)
    assert answer.status_code == 422
    assert any(field in fault["loc"] for fault in answer.json()["detail"])


def test_the_api_description_turns_precise(client: TestClient, registry: Registry) -> None:
    assert "Instance" not in client.get("/openapi.json").json()["components"]["schemas"]
    registry.number = "1"
    client.look()
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert set(schemas["Instance"]["properties"]) == set(ROW)
    assert (
        schemas["AnyRequest"]["properties"]["instances"]["items"]["$ref"] == "#/components/schemas/Instance"
    )


def test_the_log_forgets_the_oldest(tmp_path: Path, client: TestClient, registry: Registry) -> None:
    registry.number = "1"
    client.look()
    client.post("/predict", json={"instances": [ROW] * 600})
    assert len(client.get("/predictions?limit=1000").json()["predictions"]) == 100
