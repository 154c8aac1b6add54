"""The service: what the platform's runtime offers, with the settings of this repository.

    uvicorn --app-dir src --factory service:app      serve what $MLFLOW_TRACKING_URI has registered
    python src/service.py > openapi.json             write the general API description again

Routes of your own go into `app`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from idp_ml.serving import Journal, Settings, create_app

SETTINGS = Path(__file__).with_name("service.toml")
# What the portal makes an address of. The service itself names none: it answers by whichever it is asked.
ADDRESS = "${{ values.url }}"


def app() -> FastAPI:
    return create_app(Settings.load(SETTINGS))


def described(api: dict[str, Any]) -> dict[str, Any]:
    """The description of the API as the portal shows it."""
    return {**api, "servers": [{"url": ADDRESS}]}


if __name__ == "__main__":
    api = create_app(Settings.load(SETTINGS), journal=Journal(":memory:", keep=1)).openapi()
    print(json.dumps(described(api), indent=2))
