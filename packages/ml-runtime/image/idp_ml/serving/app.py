"""The API in front of a registered model."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import pandas as pd
from fastapi import Body, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ValidationError

from idp_ml import drift as drifting
from idp_ml import tracking
from idp_ml.serving import schema
from idp_ml.serving.journal import Entry, Journal, hash_of
from idp_ml.serving.metrics import Metrics
from idp_ml.serving.settings import Settings, journal_file
from idp_ml.serving.watch import Registry, Watch, example
from idp_ml.tracking import Loaded

_NO_MODEL = {503: {"description": "No model is in service; the answer says why"}}


def create_app(chosen: Settings, registry: Registry = tracking, journal: Journal | None = None) -> FastAPI:
    """The service; with a `registry` and a `journal` of their own, tests need no MLflow."""
    return Service(chosen, registry, journal or Journal(journal_file(), chosen.kept_predictions)).app


class Service:
    """Routes, and the few things that they share."""

    def __init__(self, chosen: Settings, registry: Registry, journal: Journal) -> None:
        self.chosen, self.journal, self.metrics = chosen, journal, Metrics()
        self.watch = Watch(registry, chosen.model, chosen.alias)
        self._shape: tuple[Loaded, type[BaseModel]] | None = None
        # The interactive pages load their scripts from a public host; the portal shows the API instead.
        self.app = FastAPI(
            title=chosen.name,
            version="1",
            # Relative: right under whichever address it was asked by.
            servers=[{"url": "/"}],
            docs_url=None,
            redoc_url=None,
            lifespan=self._lifespan,
        )
        self.app.openapi = self.openapi  # type: ignore[method-assign]
        self.app.state.service = self
        self.app.exception_handler(RequestValidationError)(self._refuse)
        self._add_routes()

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        self.watch.start(self.chosen.poll_seconds)
        yield
        self.watch.stop()

    def _add_routes(self) -> None:
        get, post = self.app.get, self.app.post
        post("/predict", response_model=schema.Answer, responses=_NO_MODEL)(self.predict)
        get("/model", responses=_NO_MODEL)(self.model)
        get("/predictions")(self.predictions)
        get("/drift", responses=_NO_MODEL)(self.drift)
        get("/readyz", responses=_NO_MODEL)(self.readyz)
        get("/healthz", include_in_schema=False)(self.healthz)
        get("/metrics", include_in_schema=False)(self.exposed)
        get("/", include_in_schema=False)(self.index)

    def predict(self, request: Annotated[schema.AnyRequest, Body()]) -> schema.Answer:
        """Classify up to 1000 instances."""
        loaded = self.serving()
        rows = self._instances(loaded, request)
        identifier = uuid.uuid4().hex
        with self.metrics.seconds.time():
            answer = _answer(loaded, rows, identifier)
        self.journal.write(self._entries(loaded, rows, answer))
        for label in answer.predictions:
            self.metrics.predictions.labels(label, answer.version).inc()
        return answer

    def model(self) -> dict[str, Any]:
        """The record of the version in service: data, code, run, parameters, metrics, importance."""
        loaded = self.serving()
        return {**loaded.record, "alias": self.chosen.alias, "columns": dict(loaded.columns)}

    def predictions(
        self,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        request_id: str = "",
        version: str = "",
    ) -> dict[str, Any]:
        """The prediction log, the newest entry first."""
        return {"predictions": self.journal.newest(limit, request_id, version)}

    def drift(self) -> dict[str, Any]:
        """What was asked lately, against what the version in service has learnt from."""
        return self._drift(self.serving())

    def readyz(self) -> dict[str, str]:
        """Is there a model to answer with? `trouble` says why a newer version is not taken up, if so."""
        loaded = self.serving()
        return {"status": "ready", "version": loaded.version.number, "trouble": self.watch.state.trouble}

    def healthz(self) -> dict[str, str]:
        """The process answers; the absence of a model is not an illness."""
        return {"status": "ok"}

    def exposed(self) -> Response:
        state = self.watch.state
        found = self._drift(state.serving) if state.serving else {}
        return Response(self.metrics.text(state, found), media_type=CONTENT_TYPE_LATEST)

    def index(self) -> dict[str, Any]:
        see = ["/openapi.json", "/model", "/predictions", "/drift", "/metrics"]
        return {"service": self.chosen.name, "see": see, "post": ["/predict"]}

    def serving(self) -> Loaded:
        """The version in service; without one the answer is 503, with the reason."""
        state = self.watch.state
        if state.serving is None:
            raise HTTPException(503, state.trouble, {"Retry-After": "10"})
        return state.serving

    def openapi(self) -> dict[str, Any]:
        """General until a model is in service, then precise: its columns are the fields of an instance."""
        description = get_openapi(
            title=self.app.title, version=self.app.version, routes=self.app.routes, servers=self.app.servers
        )
        state = self.watch.state
        if state.serving:
            shape = self._request(state.serving).model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
            known = description["components"]["schemas"]
            known |= shape.pop("$defs", {}) | {"AnyRequest": shape}
        return description

    def _request(self, loaded: Loaded) -> type[BaseModel]:
        if self._shape is None or self._shape[0] is not loaded:
            self._shape = (loaded, schema.request(loaded.columns, example(loaded)))
        return self._shape[1]

    def _instances(self, loaded: Loaded, given: schema.AnyRequest) -> list[dict[str, Any]]:
        try:
            checked: Any = self._request(loaded).model_validate(given.model_dump())
        except ValidationError as error:
            faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]
            raise RequestValidationError(faults) from None
        return [instance.model_dump() for instance in checked.instances]

    async def _refuse(self, request: Request, error: Exception) -> JSONResponse:
        """422 names every wrong field, and leaves out what was sent."""
        self.metrics.refused.labels("schema").inc()
        faults: Any = error.errors() if isinstance(error, RequestValidationError) else []
        return JSONResponse(
            {"detail": [{key: f[key] for key in ("type", "loc", "msg")} for f in faults]}, 422
        )

    def _entries(self, loaded: Loaded, rows: list[dict[str, Any]], answer: schema.Answer) -> list[Entry]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return [
            Entry(
                now,
                answer.request_id,
                loaded.version.name,
                loaded.version.number,
                row if self.chosen.log_features else {},
                hash_of(row),
                label,
                shares[label],
            )
            for row, label, shares in zip(rows, answer.predictions, answer.probabilities, strict=True)
        ]

    def _drift(self, loaded: Loaded) -> dict[str, Any]:
        limits = self.chosen.drift
        rows = self.journal.window(limits.window)
        found = drifting.report(
            loaded.reference, rows, least=limits.least, warn=limits.warn, alarm=limits.alarm
        )
        return {"model": loaded.version.name, "version": loaded.version.number, **found}


def _answer(loaded: Loaded, rows: list[dict[str, Any]], identifier: str) -> schema.Answer:
    shares = loaded.model.predict_proba(pd.DataFrame(rows, columns=list(loaded.columns)))
    labels = [str(label) for label in loaded.model.classes_]
    return schema.Answer(
        predictions=[labels[best] for best in shares.argmax(axis=1)],
        probabilities=[
            {label: round(float(share), 4) for label, share in zip(labels, row, strict=True)}
            for row in shares
        ],
        model=loaded.version.name,
        version=loaded.version.number,
        request_id=identifier,
    )
