"""The service: what the platform's runtime offers, with the settings of this repository.

    uvicorn --app-dir src --factory service:app      serve what $MLFLOW_TRACKING_URI has registered
    python src/service.py > openapi.json             write the general API description again

Routes of your own go into `app`.
"""

from __future__ import annotations

import json
from pathlib import Path

from fastapi import FastAPI
from idp_ml.serving import Journal, Settings, create_app

SETTINGS = Path(__file__).with_name("service.toml")


def app() -> FastAPI:
    return create_app(Settings.load(SETTINGS))


if __name__ == "__main__":
    print(json.dumps(create_app(Settings.load(SETTINGS), journal=Journal(":memory:", keep=1)).openapi(), indent=2))
