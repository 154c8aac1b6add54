"""An endpoint of the tests' own, on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import endpoint
import knowledge
import settings
from endpoint import Model
from knowledge import Knowledge
from service import create_app
from settings import Settings

ROOT = Path(__file__).parents[1]


@dataclass
class FakeEndpoint:
    """Answers as told, and remembers what it was asked."""

    url: str = ""
    status: int = 200
    answer: Any = "Two working days [1]."
    raw: bytes | None = None
    delay: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def body(self) -> bytes:
        return self.raw if self.raw is not None else json.dumps({"choices": [{"message": {"content": self.answer}}]}).encode()


@pytest.fixture
def fake() -> Iterator[FakeEndpoint]:
    told = FakeEndpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
            length = int(self.headers["Content-Length"])
            told.asked.append({"path": self.path, **json.loads(self.rfile.read(length))})
            told.keys.append(self.headers.get("Authorization", ""))
            time.sleep(told.delay)
            body = told.body()
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The tests look at what was remembered."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def known() -> Knowledge:
    return knowledge.load(ROOT / "knowledge")


@pytest.fixture
def chosen() -> Settings:
    return settings.load()


@pytest.fixture
def modelled(
    chosen: Settings, known: Knowledge, fake: FakeEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., TestClient]:
    """The application on the fake endpoint, with some of its settings changed."""
    monkeypatch.setattr(endpoint, "_PAUSE_SECONDS", 0)

    def client(**changed: Any) -> TestClient:
        where = replace(chosen.endpoint, **{"url": fake.url, "model": "small", "timeout_seconds": 5, **changed})
        return TestClient(create_app(chosen, known, Model(where, tmp_path)))

    return client


@pytest.fixture
def stubbed(chosen: Settings, known: Knowledge) -> TestClient:
    return TestClient(create_app(chosen, known, endpoint.Stub()))
