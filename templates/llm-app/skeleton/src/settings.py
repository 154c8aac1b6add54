"""What `app.toml` says, as values."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Retrieval:
    passages: int
    least_score: float


@dataclass(frozen=True)
class Endpoint:
    """Where the language model answers; without a URL there is none."""

    url: str
    model: str
    secret: str
    timeout_seconds: float
    tries: int
    longest_answer_tokens: int


@dataclass(frozen=True)
class Settings:
    name: str
    retrieval: Retrieval
    endpoint: Endpoint


def load(path: Path = Path(__file__).with_name("app.toml")) -> Settings:
    content = tomllib.loads(path.read_text())
    return Settings(
        name=content["name"],
        retrieval=Retrieval(**content["retrieval"]),
        endpoint=Endpoint(**content["endpoint"]),
    )


def knowledge_folder() -> Path:
    """Where the documents lie: mounted in the cluster, a folder of the repository elsewhere."""
    return Path(os.environ.get("KNOWLEDGE", Path(__file__).parents[1] / "knowledge"))


def secret_folder() -> Path:
    """Where the endpoint's Secret is mounted; it may be empty."""
    return Path(os.environ.get("ENDPOINT_SECRET", "/etc/endpoint"))
