"""What callers of the application rely on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import FakeEndpoint
from fastapi.testclient import TestClient

import endpoint
import settings
from knowledge import Knowledge
from service import UNKNOWN, create_app
from settings import Settings

DELIVERY = {"question": "How long does a delivery take?"}
ROOT = Path(__file__).parents[1]
Modelled = Callable[..., TestClient]


def test_an_answer_carries_its_citations(modelled: Modelled, fake: FakeEndpoint) -> None:
    answer = modelled().post("/ask", json=DELIVERY).json()
    assert (answer["answer"], answer["grounded"], answer["stub"]) == ("Two working days [1].", True, False)
    (citation,) = answer["citations"]
    assert citation["number"] == 1
    assert citation["text"]
    assert (ROOT / "knowledge" / citation["file"]).is_file()
    assert answer["model"] == "small"


def test_the_model_sees_the_passages_and_the_question(modelled: Modelled, fake: FakeEndpoint) -> None:
    modelled().post("/ask", json=DELIVERY)
    (asked,) = fake.asked
    assert asked["path"] == "/v1/chat/completions"
    assert asked["model"] == "small"
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    assert '<passage number="1"' in asked["messages"][1]["content"]
    assert asked["messages"][1]["content"].endswith(f"Question: {DELIVERY['question']}")


def test_an_invented_citation_is_none(modelled: Modelled, fake: FakeEndpoint) -> None:
    fake.answer = "Surely tomorrow [99]."
    answer = modelled().post("/ask", json=DELIVERY).json()
    assert (answer["citations"], answer["grounded"]) == ([], False)


def test_what_the_documents_do_not_say_is_not_asked(modelled: Modelled, fake: FakeEndpoint) -> None:
    answer = modelled().post("/ask", json={"question": "quantum chromodynamics?"}).json()
    assert (answer["answer"], answer["grounded"]) == (UNKNOWN, False)
    assert fake.asked == []


def test_the_stub_says_so_in_every_answer(stubbed: TestClient) -> None:
    for question in (DELIVERY["question"], "quantum chromodynamics?"):
        answer = stubbed.post("/ask", json={"question": question}).json()
        assert answer["stub"] is True
        assert answer["answer"].startswith(endpoint.STUB)
    assert stubbed.post("/ask", json=DELIVERY).json()["citations"][0]["number"] == 1


def test_without_an_endpoint_the_stub_answers(tmp_path: Path, chosen: Settings) -> None:
    answerer = endpoint.chosen(chosen.endpoint, tmp_path)
    assert answerer.is_stub is (not settings.load().endpoint.url)


def test_the_key_is_read_from_the_secret_each_time(modelled: Modelled, fake: FakeEndpoint, tmp_path: Path) -> None:
    client = modelled()
    client.post("/ask", json=DELIVERY)
    for key in ("first", "second"):
        (tmp_path / "api_key").write_text(f"{key}\n")
        client.post("/ask", json=DELIVERY)
    assert fake.keys == ["", "Bearer first", "Bearer second"]


@pytest.mark.parametrize(
    ("trouble", "why", "asked"),
    [
        ({"status": 500}, "the endpoint answered 500", 2),
        ({"status": 429}, "the endpoint answered 429", 2),
        ({"status": 401}, "refuses the key (401)", 1),
        ({"status": 404}, "does it know small?", 1),
        ({"raw": b"<html>"}, "does not answer as", 1),
        ({"raw": b'{"choices": []}'}, "does not answer as", 1),
        ({"answer": None}, "an empty answer", 1),
        ({"delay": 0.6}, "no answer within 0.2 s", 2),
    ],
    ids=str,
)
def test_trouble_of_the_endpoint_is_said(
    trouble: dict[str, Any], why: str, asked: int, modelled: Modelled, fake: FakeEndpoint
) -> None:
    for name, value in trouble.items():
        setattr(fake, name, value)
    answer = modelled(timeout_seconds=0.2 if "delay" in trouble else 5).post("/ask", json=DELIVERY)
    assert answer.status_code == 503
    assert why in answer.json()["detail"]
    assert answer.headers["retry-after"]
    assert len(fake.asked) == asked


def test_nobody_at_the_endpoint_is_said(modelled: Modelled) -> None:
    answer = modelled(url="http://127.0.0.1:9/v1").post("/ask", json=DELIVERY)
    assert (answer.status_code, "no connection" in answer.json()["detail"]) == (503, True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": "  a "}, "question"),
        ({"question": 7}, "question"),
        ({"question": "x" * 1001}, "question"),
        ({**DELIVERY, "more": 1}, "more"),
    ],
)
def test_a_wrong_request_is_told_its_field(body: dict[str, Any], field: str, stubbed: TestClient) -> None:
    answer = stubbed.post("/ask", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", field]


def test_readiness_names_model_and_documents(stubbed: TestClient, known: Knowledge, chosen: Settings) -> None:
    assert stubbed.get("/readyz").json() == {
        "status": "ready",
        "model": "stub",
        "stub": True,
        "knowledge": known.version,
    }
    assert stubbed.get("/sources").json()["files"] == known.files
    empty = TestClient(create_app(chosen, Knowledge([]), endpoint.Stub()))
    assert (empty.get("/readyz").status_code, empty.get("/healthz").status_code) == (503, 200)
    assert empty.post("/ask", json=DELIVERY).json()["grounded"] is False


def test_metrics_count_answers(stubbed: TestClient) -> None:
    stubbed.post("/ask", json=DELIVERY)
    assert 'answers_total{kind="grounded"} 1.0' in stubbed.get("/metrics").text


def test_the_api_is_as_described(stubbed: TestClient) -> None:
    """The description is written by hand; its paths and answers must be those that are served."""
    described = (ROOT / "openapi.yaml").read_text()
    for path, methods in stubbed.get("/openapi.json").json()["paths"].items():
        assert f"\n  {path}:\n" in described
        for operation in methods.values():
            for status in operation["responses"]:
                assert f'"{status}":' in described
