"""Train a model, measure it on data it has not seen, and publish it if it is good enough.

    python src/train.py                               train into ./models (or $MODELS)
    python src/train.py --card docs/model-card.md     and write the figures into the model card
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score
from sklearn.model_selection import train_test_split

import card
import data
import settings
from settings import Settings, Training
from store import Model, Store

REFUSED = 3


def train(dataset: data.Dataset, training: Training) -> tuple[RandomForestClassifier, dict[str, Any]]:
    """A fitted classifier, and what is known about it: metrics and the weight of each feature."""
    seen, unseen, seen_labels, unseen_labels = train_test_split(
        dataset.rows,
        dataset.labels,
        test_size=training.test_share,
        random_state=training.seed,
        stratify=dataset.labels,
    )
    classifier = RandomForestClassifier(
        n_estimators=training.trees, max_depth=training.max_depth, random_state=training.seed
    ).fit(seen, seen_labels)
    predicted = classifier.predict(unseen)
    importance = permutation_importance(
        classifier, unseen, unseen_labels, n_repeats=5, random_state=training.seed
    )
    average = {"average": "macro", "zero_division": 0.0}
    return classifier, {
        "metrics": {
            "accuracy": round(float(accuracy_score(unseen_labels, predicted)), 4),
            "precision": round(float(precision_score(unseen_labels, predicted, **average)), 4),
            "recall": round(float(recall_score(unseen_labels, predicted, **average)), 4),
            "f1": round(float(f1_score(unseen_labels, predicted, **average)), 4),
        },
        "rows": {"train": len(seen), "test": len(unseen)},
        "importance": {
            feature: round(float(weight), 4)
            for feature, weight in zip(dataset.features, importance.importances_mean, strict=True)
        },
    }


def record(chosen: Settings, dataset: data.Dataset, findings: dict[str, Any]) -> dict[str, Any]:
    """Everything an auditor needs to tell which data and which code made this model."""
    now, code = datetime.now(UTC), code_sha256()
    return {
        "name": chosen.name,
        "version": f"{now:%Y%m%dT%H%M%S}-{code[:8]}",
        "trained_at": now.isoformat(timespec="seconds"),
        "dataset": {"name": dataset.name, "sha256": dataset.sha256},
        "code_sha256": code,
        "parameters": vars(chosen.training),
        "features": list(dataset.features),
        "classes": list(dataset.classes),
        "libraries": {"python": platform.python_version(), "scikit-learn": sklearn.__version__},
        **findings,
    }


def code_sha256(folder: Path = Path(__file__).parent) -> str:
    """One hash over the source files and `model.toml`."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.iterdir() if path.suffix in {".py", ".toml"}):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the model and publish it.")
    parser.add_argument("--card", type=Path, help="the model card to write the figures into")
    options = parser.parse_args(arguments)

    chosen = settings.load()
    dataset = data.load(chosen.dataset)
    classifier, findings = train(dataset, chosen.training)
    described = record(chosen, dataset, findings)
    print(json.dumps(described, indent=2))

    accuracy = described["metrics"]["accuracy"]
    if accuracy < chosen.minimum_accuracy:
        print(
            f"refused: an accuracy of {accuracy} is below the gate of {chosen.minimum_accuracy} "
            "in model.toml; the model in service stays",
            file=sys.stderr,
        )
        return REFUSED
    Store(settings.models_folder()).publish(Model(classifier, described))
    if options.card:
        options.card.write_text(card.filled(options.card.read_text(), described))
    print(f"published {described['version']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
