"""What the notebooks of this experiment have in common: its data, a trial, and how a trial is recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import mlflow
import pandas as pd
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

NAME = "${{ values.name }}"
DATASET = "${{ values.dataset }}"

_LOADERS: dict[str, Callable[..., Any]] = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
}


@dataclass(frozen=True)
class Parameters:
    """Everything that a trial depends on."""

    features: tuple[str, ...] = ()  # none: all of them
    trees: int = 50
    max_depth: int = 4
    test_share: float = 0.3
    seed: int = 7


def data(name: str = DATASET) -> tuple[pd.DataFrame, pd.Series]:
    """Measurements by name, and the class of each row in words."""
    raw = _LOADERS[name](as_frame=True)
    return raw.data, raw.target.map(dict(enumerate(raw.target_names)))


def trial(parameters: Parameters) -> tuple[RandomForestClassifier, dict[str, float]]:
    """A model, and how good it is on rows that it has not seen."""
    rows, labels = data()
    chosen = rows[list(parameters.features or rows.columns)]
    seen, unseen, seen_labels, unseen_labels = train_test_split(
        chosen, labels, test_size=parameters.test_share, random_state=parameters.seed, stratify=labels
    )
    model = RandomForestClassifier(
        n_estimators=parameters.trees, max_depth=parameters.max_depth, random_state=parameters.seed
    ).fit(seen, seen_labels)
    predicted = model.predict(unseen)
    return model, {
        "accuracy": round(float(accuracy_score(unseen_labels, predicted)), 4),
        "f1": round(float(f1_score(unseen_labels, predicted, average="macro")), 4),
    }


def recorded(title: str, parameters: Parameters) -> dict[str, float]:
    """Run a trial as a run in MLflow, which MLFLOW_TRACKING_URI names; a workspace sets it."""
    mlflow.set_experiment(NAME)
    with mlflow.start_run(run_name=title):
        mlflow.log_params(asdict(parameters))
        mlflow.set_tag("data.name", DATASET)
        model, metrics = trial(parameters)
        mlflow.log_metrics(metrics)
        mlflow.log_dict(
            dict(zip(model.feature_names_in_, model.feature_importances_.round(4).tolist(), strict=True)),
            "importance.json",
        )
    return metrics
