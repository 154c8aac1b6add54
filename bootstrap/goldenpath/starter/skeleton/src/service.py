"""The service.

uvicorn --app-dir src --factory service:create_app
"""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query


def create_app() -> FastAPI:
    # The interactive pages load their scripts from a public host; the portal shows the API instead.
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.get("/hello")
    def hello(name: Annotated[str, Query(min_length=1)]) -> dict[str, str]:
        return {"greeting": f"Hello, {name}"}

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return app
