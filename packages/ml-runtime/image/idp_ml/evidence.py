"""What explains a model to whoever has to trust it: importance, plots, the card."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pandas as pd

from idp_ml.training import Split

REPEATS = 5
_WIDTH = 6.4


def importance(model: Any, parts: Split, seed: int) -> dict[str, float]:
    """Loss of accuracy on held-out rows when a feature is shuffled, the weightiest first."""
    from sklearn.inspection import permutation_importance

    found = permutation_importance(
        model, parts.unseen, parts.unseen_labels, scoring="accuracy", n_repeats=REPEATS, random_state=seed
    )
    pairs = zip(parts.unseen.columns, found.importances_mean, strict=True)
    return {str(name): round(float(mean), 4) for name, mean in sorted(pairs, key=lambda pair: -pair[1])}


def importance_plot(weights: Mapping[str, float]) -> bytes:
    """Bars, the weightiest at the top."""
    shown = list(weights.items())[:20][::-1]

    def draw(axes: Any) -> None:
        axes.barh([name for name, _ in shown], [weight for _, weight in shown])
        axes.set_xlabel("loss of accuracy when shuffled")

    return _png(draw, 0.8 + 0.3 * len(shown))


def confusion_plot(labels: pd.Series, predicted: Any) -> bytes:
    """What was taken for what, on held-out rows."""
    from sklearn.metrics import ConfusionMatrixDisplay

    def draw(axes: Any) -> None:
        ConfusionMatrixDisplay.from_predictions(labels, predicted, ax=axes, colorbar=False, cmap="Blues")

    return _png(draw, 4.8)


def card(facts: Mapping[str, str], measured: Mapping[str, float], weights: Mapping[str, float]) -> str:
    """The figures of this very version as Markdown; the words around them are in the repository's card."""
    tables = [
        _table("Origin", "", facts.items()),
        _table("Metric", "On held-out rows", measured.items()),
        _table("Feature", "Loss of accuracy when shuffled", list(weights.items())[:10]),
    ]
    return "\n\n".join([f"# Model card: {facts['Model']}", *tables]) + "\n"


def _table(left: str, right: str, rows: Any) -> str:
    return "\n".join([f"| {left} | {right} |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows)])


def _png(draw: Any, height: float) -> bytes:
    from matplotlib.figure import Figure  # without pyplot there is no global state and no display

    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    draw(figure.subplots())
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=110)
    return target.getvalue()
