"""The steps of a training pipeline. Each is a process of its own; MLflow holds what it leaves."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from idp_ml import drift, evidence, provenance, settings, tables, tracking, training
from idp_ml import gate as gates
from idp_ml.errors import Refused
from idp_ml.settings import Parameters
from idp_ml.tables import Table
from idp_ml.training import Split

PRODUCTION, CANDIDATE = "production", "candidate"
#: Stages that a run went through, as its tag `gate` says.
REFUSED, PASSED = "refused", "passed"


def validate(folder: Path, outputs: Path | None = None) -> Table:
    """Read and check the data; write down which data it was, and the numbers of the sweep's trials."""
    chosen = settings.load(folder)
    table = tables.load(chosen.data.source, chosen.data.target)
    training.split(table, chosen.data.test_share, chosen.data.seed)
    print(f"{table.name} {table.version}: {len(table.frame)} rows, every value fits the schema")
    if outputs:
        (outputs / "data").write_text(table.pin)
        (outputs / "trials").write_text(json.dumps([str(number) for number in range(len(chosen.trials()))]))
    return table


def trial(folder: Path, number: int, pin: str = "") -> float:
    """Measure one combination of the sweep by cross-validation on the training rows."""
    chosen, table, parts = _prepared(folder, pin)
    parameters = chosen.trials()[number]
    value = training.cross_validated(
        _build(folder, parameters, parts), parts, chosen.gate.metric, chosen.data.seed
    )
    tags = {**provenance.tags(folder, table), "sweep": "trial"}
    name = f"{provenance.pipeline_run()}-trial-{number}"
    metrics = {f"cv_{chosen.gate.metric}": value}
    tracking.log_results(chosen.name, name, parameters=parameters, metrics=metrics, tags=tags, files={})
    print(f"trial {number}: {parameters} -> {chosen.gate.metric} {value}")
    return value


def train(folder: Path, pin: str = "", outputs: Path | None = None) -> str:
    """Fit a model on the training rows and log it; returns the MLflow run."""
    chosen, table, parts = _prepared(folder, pin)
    parameters = {**chosen.model, **_best(chosen)}
    model = _build(folder, parameters, parts).fit(parts.seen, parts.seen_labels)
    run = tracking.log_training(
        chosen.name,
        provenance.pipeline_run(),
        model,
        parts.seen,
        parameters={**parameters, **{f"data.{k}": v for k, v in vars(chosen.data).items()}},
        metrics={"rows_train": len(parts.seen), "rows_test": len(parts.unseen)},
        tags=provenance.tags(folder, table),
    )
    print(f"trained {chosen.name} with {parameters}; MLflow run {run}")
    if outputs:
        (outputs / "run").write_text(run)
    return run


def evaluate(folder: Path, run: str, pin: str = "") -> dict[str, float]:
    """Measure the model on the held-out rows, and write down what explains it."""
    chosen, table, parts = _prepared(folder, pin)
    model = tracking.model_of(run)
    predicted = model.predict(parts.unseen)
    measured = training.metrics(parts.unseen_labels, predicted)
    weights = evidence.importance(model, parts, chosen.data.seed)
    tracking.add(
        run,
        metrics=measured,
        files={
            "importance.json": weights,
            "importance.png": evidence.importance_plot(weights),
            "confusion.png": evidence.confusion_plot(parts.unseen_labels, predicted),
            "reference.json": {**drift.reference(parts.seen), "classes": sorted(set(table.target))},
            "model-card.md": evidence.card(_facts(chosen, table, run), measured, weights),
        },
        tags={},
    )
    print(json.dumps(measured))
    return measured


def register(folder: Path, run: str, pin: str = "") -> tracking.Version:
    """Let the gate decide; a model that passes becomes a version under the alias `candidate`."""
    chosen, _, parts = _prepared(folder, pin)
    of_run = tracking.run(run)
    verdict = gates.judge(chosen.gate, of_run.data.metrics, _to_beat(chosen, parts))
    if not verdict.passed:
        tracking.tag(run, {"gate": REFUSED, "gate.reasons": "; ".join(verdict.reasons)})
        raise Refused(
            "the gate refuses the model:\n" + "\n".join(f"  {reason}" for reason in verdict.reasons)
        )
    tracking.tag(run, {"gate": PASSED})
    kept = ("data.", "code.", "pipeline.", "runtime.", "model.sha256")
    tags = {key: value for key, value in of_run.data.tags.items() if key.startswith(kept)}
    version = tracking.register(run, chosen.name, tags, tracking.text_of(run, "model-card.md"))
    tracking.point(CANDIDATE, version)
    print(f"registered {version}, alias {CANDIDATE}; people approve and promote it in the portal")
    return version


def everything(folder: Path) -> tracking.Version:
    """The whole pipeline in this process."""
    pin = validate(folder).pin
    for number in range(len(settings.load(folder).trials())):
        trial(folder, number, pin)
    run = train(folder, pin)
    evaluate(folder, run, pin)
    return register(folder, run, pin)


def _prepared(folder: Path, pin: str) -> tuple[Parameters, Table, Split]:
    chosen = settings.load(folder)
    table = tables.load(pin or chosen.data.source, chosen.data.target)
    return chosen, table, training.split(table, chosen.data.test_share, chosen.data.seed)


def _build(folder: Path, parameters: dict[str, Any], parts: Split) -> Any:
    """The estimator as the repository's own `model.py` defines it."""
    import cloudpickle

    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    own = importlib.import_module("model")
    # A service has the model's bytes and not this repository: what model.py defines travels with them.
    cloudpickle.register_pickle_by_value(own)
    return own.build(parameters, parts.seen)


def _best(chosen: Parameters) -> dict[str, Any]:
    """The parameters of the best trial of this pipeline run; none without a sweep."""
    trials = chosen.trials()
    if not trials:
        return {}
    metric = f"cv_{chosen.gate.metric}"
    tags = {"pipeline.run": provenance.pipeline_run(), "sweep": "trial"}
    found = tracking.runs(chosen.name, tags, f"metrics.`{metric}` DESC")
    if not found:
        raise Refused("a sweep is enabled, and none of its trials has left a result")
    number = int(found[0].info.run_name.rpartition("-")[2])
    print(f"best of {len(found)} trials: {trials[number]}, {metric} {found[0].data.metrics[metric]}")
    return trials[number]


def _to_beat(chosen: Parameters, parts: Split) -> dict[str, float] | None:
    """How the version in production does on the same held-out rows, else the newest one that passed.

    None where there is nothing to compare.
    """
    found = (tracking.by_alias(chosen.name, alias) for alias in (PRODUCTION, CANDIDATE))
    version = next((version for version in found if version), None)
    if version is None:
        return None
    loaded = tracking.load(version)
    if missing := sorted(loaded.columns.keys() - set(parts.unseen.columns)):
        print(f"{version} cannot be compared: it needs {', '.join(missing)}, which this data does not have")
        return None
    measured = training.metrics(parts.unseen_labels, loaded.model.predict(parts.unseen[list(loaded.columns)]))
    print(f"{version} reaches {measured}")
    return measured


def _facts(chosen: Parameters, table: Table, run: str) -> dict[str, str]:
    import sklearn

    tags = tracking.run(run).data.tags
    code = tags["code.commit"] or tags["code.sha256"]
    return {
        "Model": chosen.name,
        "Data": f"{table.name} {table.version}, `{table.sha256[:16]}`, {len(table.frame)} rows",
        "Code": f"{tags['code.repository'] or 'this folder'} `{code[:16]}`",
        "Pipeline run": tags["pipeline.run"],
        "MLflow run": run,
        "scikit-learn": sklearn.__version__,
    }
