"""Score a whole data set with a registered model, and keep the results with their origin."""

from __future__ import annotations

import importlib
import io
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from idp_ml import drift, provenance, tables, tracking
from idp_ml.errors import Refused
from idp_ml.tables import Table


@dataclass(frozen=True)
class Job:
    """`batch.toml`: which model scores which data, and where the results go."""

    name: str
    model: str
    alias: str
    source: str

    @classmethod
    def load(cls, folder: Path) -> Job:
        content = tomllib.loads((folder / "batch.toml").read_text())
        try:
            return cls(
                content["name"],
                content["model"]["name"],
                content["model"]["alias"],
                content["data"]["source"],
            )
        except (KeyError, TypeError) as error:
            raise Refused(f"batch.toml: {error} is missing") from None


def score(folder: Path) -> pd.DataFrame:
    """The results, which are also in a run of the job's experiment."""
    job = Job.load(folder)
    version = tracking.by_alias(job.model, job.alias)
    if version is None:
        raise Refused(
            f"there is no model {job.model} with the alias {job.alias} in MLflow: "
            "run its pipeline, or correct batch.toml"
        )
    loaded, table = tracking.load(version), tables.load(job.source)
    if broken := mismatches(loaded.columns, table):
        raise Refused(f"{table.name} does not fit {version}:\n" + "\n".join(f"  {line}" for line in broken))
    results = _results(folder, table, loaded)
    report = drift.report(loaded.reference, table.features.to_dict("records"), least=30, warn=0.1, alarm=0.25)
    _keep(job, folder, table, loaded, results, report)
    print(
        f"scored {len(results)} rows of {table.name} {table.version} with {version}; drift: {report['state']}"
    )
    return results


def mismatches(columns: Mapping[str, str], table: Table) -> list[str]:
    """Why the model cannot score this table, column by column."""
    lines = []
    for name, needed in columns.items():
        if name not in table.frame.columns:
            lines.append(f"column {name}: is missing, and the model needs it as {needed}")
        elif (needed == "double") != (table.schema.column(name).type in {"number", "integer"}):
            lines.append(f"column {name}: is {table.schema.column(name).type}, and the model needs {needed}")
    return lines


def _results(folder: Path, table: Table, loaded: tracking.Loaded) -> pd.DataFrame:
    """Keys of the rows, prediction and its probability, then whatever the repository makes of them."""
    features = table.frame[list(loaded.columns)]
    shares = loaded.model.predict_proba(features)
    results = table.frame[list(table.schema.key)].copy()
    if results.empty:
        results = pd.DataFrame({"row": range(1, len(features) + 1)})
    results["prediction"] = loaded.model.predict(features)
    results["probability"] = shares.max(axis=1).round(4)
    results["model_version"] = loaded.version.number
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    finished: pd.DataFrame = importlib.import_module("results").finish(results, table.frame)
    return finished


def _keep(
    job: Job,
    folder: Path,
    table: Table,
    loaded: tracking.Loaded,
    results: pd.DataFrame,
    report: dict[str, Any],
) -> None:
    tags = {
        **provenance.tags(folder, table),
        "model.name": loaded.version.name,
        "model.version": loaded.version.number,
        "model.run": loaded.version.run,
        "drift": report["state"],
    }
    text = io.StringIO()
    results.to_csv(text, index=False)
    counted = results["prediction"].value_counts().to_dict()
    tracking.log_results(
        job.name,
        provenance.pipeline_run(),
        parameters={"model": str(loaded.version), "data": table.pin},
        metrics={"rows": len(results), **{f"predicted_{label}": float(n) for label, n in counted.items()}},
        tags=tags,
        files={"results.csv": text.getvalue(), "drift.json": report},
    )
