"""What `infrastructure.toml` says, as values."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = {"local": ("database", "bucket"), "aws": ("database", "bucket", "queue")}


@dataclass(frozen=True)
class Settings:
    name: str
    namespace: str
    owner: str
    kind: str
    place: str
    size: str
    wanted: bool
    state: str
    aws: dict[str, Any]
    # What a local resource runs on; the platform's, so the workflow says it and not a file.
    server: str = ""


def load(path: Path = Path(__file__).with_name("infrastructure.toml")) -> Settings:
    """Raises ValueError where the kind of resource does not exist in that place."""
    content = tomllib.loads(path.read_text())
    settings = Settings(**content, server=os.environ.get("SERVER_IMAGE", ""))
    if settings.kind not in KINDS.get(settings.place, ()):
        raise ValueError(f"there is no {settings.kind} in the place {settings.place}; there are: {KINDS}")
    return settings
