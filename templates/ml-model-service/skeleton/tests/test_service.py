"""What callers of the service rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import data
from service import NOT_TRAINED
from store import Model, Store


@pytest.fixture
def instance(dataset: data.Dataset) -> dict[str, Any]:
    return dict(zip(dataset.features, (float(value) for value in dataset.rows[0]), strict=True))


@pytest.fixture
def expected(model: Model, dataset: data.Dataset) -> str:
    return dataset.classes[model.classifier.predict(dataset.rows[:1])[0]]


def test_without_a_model_it_lives_and_says_so(client: TestClient, instance: dict[str, Any]) -> None:
    assert client.get("/healthz").status_code == 200
    for answer in (client.post("/predict", json={"instances": [instance]}), client.get("/readyz")):
        assert (answer.status_code, answer.json()["detail"]) == (503, NOT_TRAINED)


def test_a_model_is_taken_up_while_running(
    client: TestClient, store: Store, model: Model, instance: dict[str, Any], expected: str
) -> None:
    store.publish(model)
    answer = client.post("/predict", json={"instances": [instance, instance]}).json()
    assert answer["predictions"] == [expected, expected]
    assert answer["version"] == model.version
    assert sum(answer["probabilities"][0].values()) == pytest.approx(1, abs=0.01)

    newer = Model(model.classifier, {**model.record, "version": "99990101T000000-newer"})
    store.publish(newer)
    assert client.get("/readyz").json()["version"] == newer.version


def test_a_list_of_numbers_is_an_instance(
    client: TestClient, store: Store, model: Model, instance: dict[str, Any], expected: str
) -> None:
    store.publish(model)
    answer = client.post("/predict", json={"instances": [list(instance.values())]})
    assert answer.json()["predictions"] == [expected]


def test_a_model_of_another_data_set_does_not_answer(client: TestClient, store: Store, model: Model) -> None:
    store.publish(Model(model.classifier, {**model.record, "features": ["something", "else"]}))
    assert client.get("/readyz").status_code == 503


def test_a_wrong_request_is_told_its_field(client: TestClient, instance: dict[str, Any]) -> None:
    first = next(iter(instance))
    wrong: dict[str, Any] = {
        "a word": {**instance, first: "tall"},
        "nothing": {**instance, first: None},
        "infinite": {**instance, first: "inf"},
        "missing": {name: value for name, value in instance.items() if name != first},
    }
    for case, body in wrong.items():
        answer = client.post("/predict", json={"instances": [body]})
        assert answer.status_code == 422, case
        assert ["body", "instances", 0, first] == answer.json()["detail"][0]["loc"], case


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "instances"),
        ({"instances": []}, "instances"),
        ({"instances": [[1.0]]}, "instances"),
        ({"instances": [{"unheard_of": 1.0}]}, "unheard_of"),
        ({"instances": [], "more": 1}, "more"),
    ],
)
def test_a_wrong_shape_is_told_its_field(client: TestClient, body: dict[str, Any], field: str) -> None:
    answer = client.post("/predict", json=body)
    assert answer.status_code == 422
    assert any(field in fault["loc"] for fault in answer.json()["detail"])


def test_metrics_count_predictions(
    client: TestClient, store: Store, model: Model, instance: dict[str, Any], expected: str
) -> None:
    store.publish(model)
    client.post("/predict", json={"instances": [instance]})
    exposed = client.get("/metrics").text
    assert f'predictions_total{{label="{expected}"}} 1.0' in exposed
    assert f'version="{model.version}"' in exposed


def test_the_api_description_is_current(client: TestClient) -> None:
    kept = json.loads((Path(__file__).parents[1] / "openapi.json").read_text())
    assert kept == client.get("/openapi.json").json(), "run: python src/service.py > openapi.json"
