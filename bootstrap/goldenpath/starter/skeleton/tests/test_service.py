"""What callers rely on."""

from __future__ import annotations

from fastapi.testclient import TestClient

from service import create_app

client = TestClient(create_app())


def test_it_greets() -> None:
    assert client.get("/hello", params={"name": "Ada"}).json() == {"greeting": "Hello, Ada"}


def test_a_wrong_request_is_told_its_field() -> None:
    for query in ({}, {"name": ""}):
        answer = client.get("/hello", params=query)
        assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["query", "name"])


def test_it_says_that_it_lives() -> None:
    assert client.get("/healthz").status_code == 200
