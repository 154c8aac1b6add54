"""What a dashboard or an alert would ask about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest

from idp_ml.serving.watch import State


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.predictions = Counter("predictions", "Predictions", ["label", "version"], registry=self.registry)
        self.refused = Counter("predictions_refused", "Requests refused", ["reason"], registry=self.registry)
        self.seconds = Histogram("prediction_seconds", "Time per request", registry=self.registry)
        self._model = Info("model", "The model in service", registry=self.registry)
        self._ready = Gauge("model_ready", "1 while a model is in service", registry=self.registry)
        self._trouble = Gauge("model_trouble", "1 while the alias cannot be followed", registry=self.registry)
        self._drift = Gauge("drift_psi", "Population stability index", ["feature"], registry=self.registry)

    def text(self, state: State, drift: Mapping[str, Any]) -> bytes:
        self._ready.set(state.serving is not None)
        self._trouble.set(bool(state.trouble))
        if state.serving:
            version = state.serving.version
            self._model.info({"name": version.name, "version": version.number, "run": version.run})
        self._drift.clear()
        for feature, found in drift.get("features", {}).items():
            self._drift.labels(feature).set(found["psi"])
        return generate_latest(self.registry)
