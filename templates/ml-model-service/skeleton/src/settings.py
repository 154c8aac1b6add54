"""What `model.toml` says, as values."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Training:
    trees: int
    max_depth: int
    test_share: float
    seed: int


@dataclass(frozen=True)
class Settings:
    name: str
    url: str
    dataset: str
    training: Training
    minimum_accuracy: float


def load(path: Path = Path(__file__).with_name("model.toml")) -> Settings:
    content = tomllib.loads(path.read_text())
    return Settings(
        name=content["name"],
        url=content["url"],
        dataset=content["dataset"],
        training=Training(**content["training"]),
        minimum_accuracy=content["gate"]["accuracy"],
    )


def models_folder() -> Path:
    """Where trained models live: a volume in the cluster, a folder here elsewhere."""
    return Path(os.environ.get("MODELS", "models"))
