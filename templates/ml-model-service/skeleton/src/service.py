"""The model behind an API.

    uvicorn --app-dir src --factory service:create_app      serve ./models (or $MODELS)
    python src/service.py > openapi.json                    write the API description again
"""

import json
import threading
from typing import Any

import numpy as np
from fastapi import FastAPI, HTTPException, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, Info, generate_latest

import data
import schema
import settings
from store import Model, Store

NOT_TRAINED = "model not trained yet"


class ModelInService:
    """The newest published model; a new version is taken up by the next request, without a restart."""

    def __init__(self, store: Store, dataset: data.Dataset) -> None:
        self._store, self._dataset = store, dataset
        self._model: Model | None = None
        self._lock = threading.Lock()

    def get(self) -> Model | None:
        """None until a model for this data set has been trained."""
        version = self._store.current_version()
        with self._lock:
            if version and (self._model is None or self._model.version != version):
                loaded = self._store.load(version)
                # After a change of data set the old model would answer questions of another kind.
                fits = tuple(loaded.record["features"]) == self._dataset.features
                self._model = loaded if fits else None
            return self._model


class Metrics:
    """What a dashboard or an alert would ask about."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.predictions = Counter("predictions", "Predictions", ["label"], registry=self.registry)
        self.seconds = Histogram("prediction_seconds", "Time per request", registry=self.registry)
        self.model = Info("model", "The model in service", registry=self.registry)


def create_app(chosen: settings.Settings | None = None, store: Store | None = None) -> FastAPI:
    chosen = chosen or settings.load()
    dataset = data.load(chosen.dataset)
    in_service = ModelInService(store or Store(settings.models_folder()), dataset)
    metrics = Metrics()
    Request = schema.request(dataset)
    # The interactive pages load their scripts from a public host; the portal shows the API instead.
    app = FastAPI(
        title=chosen.name, version="1", servers=[{"url": chosen.url}], docs_url=None, redoc_url=None
    )

    def trained() -> Model:
        model = in_service.get()
        if model is None:
            raise HTTPException(503, NOT_TRAINED, {"Retry-After": "10"})
        metrics.model.info({"version": model.version, "dataset": dataset.name})
        return model

    @app.post("/predict", response_model=schema.Answer, responses={503: {"description": NOT_TRAINED}})
    def predict(request: Request) -> schema.Answer:  # type: ignore[valid-type]
        """Classify up to 1000 instances."""
        model = trained()
        with metrics.seconds.time():
            answer = _answer(model, dataset, request)
        for label in answer.predictions:
            metrics.predictions.labels(label).inc()
        return answer

    @app.get("/model", responses={503: {"description": NOT_TRAINED}})
    def model() -> dict[str, Any]:
        """The record of the model in service: data, code, parameters, metrics, importance."""
        return trained().record

    @app.get("/readyz", responses={503: {"description": NOT_TRAINED}})
    def readyz() -> dict[str, str]:
        """Is there a model to answer with?"""
        return {"status": "ready", "version": trained().version}

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        """The process answers; the absence of a model is not an illness."""
        return {"status": "ok"}

    @app.get("/metrics", include_in_schema=False)
    def exposed() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/", include_in_schema=False)
    def index() -> dict[str, Any]:
        return {"service": chosen.name, "see": ["/openapi.json", "/model", "/metrics"], "post": ["/predict"]}

    return app


def _answer(model: Model, dataset: data.Dataset, request: Any) -> schema.Answer:
    rows = np.array([[getattr(i, feature) for feature in dataset.features] for i in request.instances])
    classes = model.record["classes"]
    shares = model.classifier.predict_proba(rows)
    return schema.Answer(
        predictions=[classes[best] for best in shares.argmax(axis=1)],
        probabilities=[
            {label: round(float(share), 4) for label, share in zip(classes, row, strict=True)} for row in shares
        ],
        version=model.version,
    )


if __name__ == "__main__":
    print(json.dumps(create_app().openapi(), indent=2))
