"""Has what a model is asked moved away from what it has learnt? Pure.

The measure is the population stability index over the bins of the training data:
sum over bins of (now - then) * ln(now / then). Figures of 0.1 and 0.25 are the usual thresholds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

#: Few bins, because a window of n rows alone makes an index of about (bins - 1) / n.
BINS = 5
_FLOOR = 0.005
OTHER = "(other)"


def reference(features: pd.DataFrame) -> dict[str, Any]:
    """What `reference.json` holds: for each feature its bins and the share of rows in each."""
    return {
        "rows": len(features),
        "features": {str(name): _described(features[name]) for name in features.columns},
    }


def index(described: Mapping[str, Any], values: Sequence[Any]) -> float:
    """The population stability index of the values against the description of a feature."""
    if described["type"] == "number":
        bins = Counter(_bin(described["edges"], float(value)) for value in values if value is not None)
        now = [bins[number] for number in range(len(described["shares"]))]
        then = list(described["shares"])
    else:
        counted = Counter(str(value) if str(value) in described["shares"] else OTHER for value in values)
        labels = [*described["shares"], OTHER]
        now, then = (
            [counted[label] for label in labels],
            [described["shares"].get(label, 0.0) for label in labels],
        )
    total = sum(now) or 1
    pairs = [(max(count / total, _FLOOR), max(share, _FLOOR)) for count, share in zip(now, then, strict=True)]
    return round(sum((a - b) * math.log(a / b) for a, b in pairs), 4)


def report(
    known: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], *, least: int, warn: float, alarm: float
) -> dict[str, Any]:
    """State of every feature over a window of rows: `ok`, `warning`, `drift`, or `too few` rows to tell."""
    found = {"rows": len(rows), "least": least, "warn": warn, "alarm": alarm}
    if len(rows) < least:
        return {**found, "state": "too few", "features": {}}
    features = {}
    for name, described in known["features"].items():
        psi = index(described, [row[name] for row in rows if name in row])
        state = "drift" if psi >= alarm else "warning" if psi >= warn else "ok"
        features[name] = {"psi": psi, "state": state}
    states = {feature["state"] for feature in features.values()}
    worst = next((state for state in ("drift", "warning") if state in states), "ok")
    return {**found, "state": worst, "features": features}


def _described(values: pd.Series) -> dict[str, Any]:
    present = values.dropna()
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        steps = [number / BINS for number in range(1, BINS)]
        edges = sorted({round(float(edge), 6) for edge in present.quantile(steps)})
        counted = Counter(_bin(edges, float(value)) for value in present)
        shares = [round(counted[number] / len(present), 4) for number in range(len(edges) + 1)]
        limits = {
            "least": float(present.min()),
            "most": float(present.max()),
            "mean": round(float(present.mean()), 6),
        }
        return {"type": "number", "edges": edges, "shares": shares, **limits}
    counted_labels = Counter(str(value) for value in present)
    return {
        "type": "category",
        "shares": {k: round(n / len(present), 4) for k, n in sorted(counted_labels.items())},
    }


def _bin(edges: Sequence[float], value: float) -> int:
    return sum(value > edge for edge in edges)
