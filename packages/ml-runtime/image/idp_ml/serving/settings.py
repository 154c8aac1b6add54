"""What `service.toml` says, as values."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Drift:
    """`window` rows are compared, from `least` rows on; the index of a feature decides."""

    window: int = 500
    least: int = 50
    warn: float = 0.1
    alarm: float = 0.25


@dataclass(frozen=True)
class Settings:
    name: str
    model: str
    alias: str
    poll_seconds: float = 5.0
    kept_predictions: int = 20_000
    log_features: bool = True
    drift: Drift = Drift()

    @classmethod
    def load(cls, path: Path) -> Settings:
        content = tomllib.loads(path.read_text())
        model, log = content["model"], content.get("log", {})
        return cls(
            content["name"],
            model["name"],
            model.get("alias", "production"),
            model.get("poll_seconds", cls.poll_seconds),
            log.get("keep", cls.kept_predictions),
            log.get("features", cls.log_features),
            Drift(**content.get("drift", {})),
        )


def journal_file() -> Path:
    """Where predictions are kept: a volume in the cluster, a file here elsewhere."""
    return Path(os.environ.get("JOURNAL", "predictions.db"))
