"""The data sets that ship with scikit-learn, under names that an API can use."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import datasets

_LOADERS: dict[str, Callable[[], Any]] = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
}


@dataclass(frozen=True)
class Dataset:
    name: str
    features: tuple[str, ...]
    classes: tuple[str, ...]
    rows: np.ndarray
    labels: np.ndarray

    @property
    def sha256(self) -> str:
        """Identifies the very rows and labels that a model has seen."""
        digest = hashlib.sha256(np.ascontiguousarray(self.rows).tobytes())
        digest.update(np.ascontiguousarray(self.labels).tobytes())
        return digest.hexdigest()


def load(name: str) -> Dataset:
    raw = _LOADERS[name]()
    return Dataset(
        name=name,
        features=tuple(_identifier(feature) for feature in raw.feature_names),
        classes=tuple(str(label) for label in raw.target_names),
        rows=raw.data,
        labels=raw.target,
    )


def _identifier(feature: str) -> str:
    """`sepal length (cm)` becomes `sepal_length_cm`."""
    return re.sub(r"\W+", "_", feature).strip("_").lower()
