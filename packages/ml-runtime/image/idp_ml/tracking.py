"""The one adapter to MLflow: runs, registered versions, aliases.

Its client is imported where it is needed first: it takes seconds, and a service answers meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

SERVER = "http://mlflow.mlflow.svc:5000"
MODEL_URI, MODEL_SHA256 = "model.uri", "model.sha256"
_ABSENT = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
_SETTINGS = {
    "MLFLOW_TRACKING_URI": SERVER,
    # The default is seven attempts of two minutes each; a service must say sooner what is the matter.
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


class Unavailable(Exception):
    """MLflow does not answer, or not with what was asked for."""


class Damaged(Exception):
    """The bytes of a model are not those that were registered."""


@dataclass(frozen=True)
class Version:
    """A registered version of a model."""

    name: str
    number: str
    run: str
    tags: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} version {self.number}"


@dataclass(frozen=True)
class Loaded:
    """A version that can predict: its columns with their types, and what it was trained on."""

    version: Version
    model: Any
    columns: Mapping[str, str]
    reference: Mapping[str, Any]
    record: Mapping[str, Any]


def client() -> Any:
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    import mlflow

    mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
    return mlflow.MlflowClient()


def log_training(
    experiment: str,
    run_name: str,
    model: Any,
    example: pd.DataFrame,
    *,
    parameters: Mapping[str, Any],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
) -> str:
    """A run with its model; returns the run's id."""
    client()
    import mlflow
    import mlflow.sklearn

    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name=run_name, tags=dict(tags)) as run:
        mlflow.log_params(dict(parameters))
        mlflow.log_metrics(dict(metrics))
        logged = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=_signature(example, model),
            # Pipelines may hold code of the repository, which the format that asks back cannot carry.
            serialization_format="cloudpickle",
            pip_requirements=["scikit-learn", "pandas"],
        )
        with tempfile.TemporaryDirectory() as folder:
            sha256 = _sha256(_download(logged.model_uri, folder))
        mlflow.set_tags({MODEL_URI: logged.model_uri, MODEL_SHA256: sha256})
        return str(run.info.run_id)


def log_results(
    experiment: str,
    run_name: str,
    *,
    parameters: Mapping[str, Any],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
    files: Mapping[str, Any],
) -> None:
    """A run without a model: a trial of a sweep, or the results of a batch."""
    client()
    import mlflow

    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name=run_name, tags=dict(tags)) as run:
        mlflow.log_params(dict(parameters))
        mlflow.log_metrics(dict(metrics))
        if files:
            add(run.info.run_id, metrics={}, files=files, tags={})


def runs(experiment: str, tags: Mapping[str, str], order: str) -> list[Any]:
    """Runs with these tags, in this order."""
    speaker = client()
    found = speaker.get_experiment_by_name(experiment)
    if found is None:
        return []
    wanted = " and ".join(f"tags.`{key}` = '{value}'" for key, value in tags.items())
    return list(speaker.search_runs([found.experiment_id], filter_string=wanted, order_by=[order]))


def add(run: str, *, metrics: Mapping[str, float], files: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    """Complete a run: `files` are bytes, text, or what becomes JSON, by name."""
    speaker = client()
    for key, value in metrics.items():
        speaker.log_metric(run, key, value)
    tag(run, tags)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(_bytes(content))
        speaker.log_artifacts(run, folder)


def tag(run: str, tags: Mapping[str, str]) -> None:
    speaker = client()
    for key, text in tags.items():
        speaker.set_tag(run, key, text)


def run(identifier: str) -> Any:
    return client().get_run(identifier)


def model_of(identifier: str) -> Any:
    """The model that a run has logged."""
    tags = run(identifier).data.tags
    with tempfile.TemporaryDirectory() as folder:
        return _unpickled(_download(tags[MODEL_URI], folder), tags.get(MODEL_SHA256))


def text_of(identifier: str, name: str) -> str:
    """A text file of a run."""
    client()
    import mlflow

    with tempfile.TemporaryDirectory() as folder:
        path = mlflow.artifacts.download_artifacts(run_id=identifier, artifact_path=name, dst_path=folder)
        return Path(path).read_text()


def register(identifier: str, name: str, tags: Mapping[str, str], description: str) -> Version:
    """Make the model of a run the newest version of a registered model."""
    speaker = client()
    import mlflow

    uri = run(identifier).data.tags[MODEL_URI]
    made = mlflow.register_model(uri, name, tags=dict(tags))
    speaker.update_model_version(name, made.version, description=description)
    return Version(name, str(made.version), identifier, dict(tags))


def point(alias: str, version: Version) -> None:
    client().set_registered_model_alias(version.name, alias, version.number)


def by_alias(name: str, alias: str) -> Version | None:
    """The version that an alias stands for; None where there is no such model or alias."""
    speaker = client()
    from mlflow.exceptions import MlflowException

    try:
        found = speaker.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        if error.error_code in _ABSENT:
            return None
        raise Unavailable(_reason(error)) from error
    return Version(name, str(found.version), str(found.run_id), dict(found.tags))


def load(version: Version) -> Loaded:
    """Fetch a version. Raises Damaged, or whatever its parts raise: a caller must expect anything."""
    speaker = client()
    from mlflow.models import Model

    with tempfile.TemporaryDirectory() as folder:
        path = _download(f"models:/{version.name}/{version.number}", folder)
        model = _unpickled(path, version.tags.get(MODEL_SHA256))
        signature = Model.load(str(path)).signature
    of_run = speaker.get_run(version.run)
    return Loaded(
        version,
        model,
        {column.name: column.type.name for column in signature.inputs},
        json.loads(text_of(version.run, "reference.json")),
        {
            "name": version.name,
            "version": version.number,
            "run": version.run,
            "tags": {**version.tags},
            "metrics": dict(of_run.data.metrics),
            "parameters": dict(of_run.data.params),
            "importance": json.loads(text_of(version.run, "importance.json")),
        },
    )


def _signature(example: pd.DataFrame, model: Any) -> Any:
    """Whole numbers count as numbers: an empty cell in a later table must not break the type."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    return ModelSignature(
        inputs=Schema([ColSpec(_type(example[name]), str(name)) for name in example.columns]),
        outputs=Schema([ColSpec("string", "prediction")]),
    )


def _type(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values):
        return "boolean"
    return "double" if pd.api.types.is_numeric_dtype(values) else "string"


def _download(uri: str, folder: str) -> Path:
    import mlflow

    return Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder))


def _unpickled(path: Path, sha256: str | None) -> Any:
    """Unpickling runs code, so the bytes must be the ones that the pipeline has written."""
    import mlflow.sklearn

    if sha256 and _sha256(path) != sha256:
        raise Damaged(f"the model file does not match its recorded hash {sha256[:16]}")
    return mlflow.sklearn.load_model(str(path))


def _sha256(path: Path) -> str:
    return hashlib.sha256((path / "model.pkl").read_bytes()).hexdigest()


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content, indent=2) + "\n").encode()


def _reason(error: Exception) -> str:
    """What went wrong, in words for whoever calls a service; without the innards of a connection."""
    text = str(error).partition("\n")[0][:300]
    return f"no answer from {os.environ['MLFLOW_TRACKING_URI']}" if "failed with exception" in text else text
