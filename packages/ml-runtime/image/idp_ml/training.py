"""Split, fit and measure. Pure: the same table and parameters give the same model and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from idp_ml.errors import Refused
from idp_ml.tables import Table

_WHOLE = 2**64


@dataclass(frozen=True)
class Split:
    seen: pd.DataFrame
    seen_labels: pd.Series
    unseen: pd.DataFrame
    unseen_labels: pd.Series


def split(table: Table, share: float, seed: int) -> Split:
    """Hold out rows by a hash of their content.

    A row stays on its side as the table grows, and its duplicates with it, so no version of a model has
    ever seen the rows on which it is compared with another one.
    """
    if not table.schema.target:
        raise Refused(f"{table.name} names no target: set it in schema.yaml or in [data] of params.toml")
    features, target = table.features, table.target
    hashes = pd.util.hash_pandas_object(features, index=False, hash_key=f"{seed:016d}"[-16:])
    held = (hashes.astype("float64") < share * _WHOLE).to_numpy()
    parts = Split(features[~held], target[~held], features[held], target[held])
    for name, labels in (("training", parts.seen_labels), ("held-out", parts.unseen_labels)):
        if missing := sorted(set(target) - set(labels)):
            raise Refused(
                f"no {name} row has the label {', '.join(missing)}: "
                "more data, another seed or another test_share is needed"
            )
    return parts


def metrics(labels: pd.Series, predicted: Any) -> dict[str, float]:
    average: dict[str, Any] = {"average": "macro", "zero_division": 0.0}
    return {
        "accuracy": round(float(accuracy_score(labels, predicted)), 4),
        "precision": round(float(precision_score(labels, predicted, **average)), 4),
        "recall": round(float(recall_score(labels, predicted, **average)), 4),
        "f1": round(float(f1_score(labels, predicted, **average)), 4),
    }


def cross_validated(model: Any, parts: Split, metric: str, seed: int) -> float:
    """The metric on training rows alone, so that choosing by it leaves the held-out rows unseen."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    predicted = cross_val_predict(model, parts.seen, parts.seen_labels, cv=folds)
    return metrics(parts.seen_labels, predicted)[metric]
