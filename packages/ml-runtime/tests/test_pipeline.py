"""A pipeline from data to a registered version, against a local MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conftest import parameters
from idp_ml import batch, drift, gate, pipeline, settings, tables, tracking
from idp_ml.__main__ import main
from idp_ml.errors import REFUSED, Refused


def test_the_whole_way(repository: Path, mlflow: str, capsys: pytest.CaptureFixture[str]) -> None:
    version = pipeline.everything(repository)
    assert tracking.by_alias("iris-quality", "candidate").number == version.number == "1"
    assert tracking.by_alias("iris-quality", "production") is None  # that takes an approval
    loaded = tracking.load(tracking.by_alias("iris-quality", "candidate"))
    tags = loaded.version.tags
    assert tags["data.name"] == "iris"
    assert {"data.version", "data.sha256", "code.repository", "code.commit", "code.sha256"} <= tags.keys()
    assert {"pipeline.run", "runtime.image", "model.sha256"} <= tags.keys()
    assert list(loaded.columns.values()) == ["double"] * 4
    assert loaded.record["metrics"]["accuracy"] >= 0.85
    assert loaded.reference["features"].keys() == loaded.columns.keys() == loaded.record["importance"].keys()
    assert "| accuracy |" in tracking.text_of(version.run, "model-card.md")

    # A worse model is refused, and what is the candidate stays it.
    parameters(repository, depth=1, minimum=0.1)
    (repository / "model.py").write_text(WORSE)
    import sys

    sys.modules.pop("model", None)
    assert main(["pipeline", "--folder", str(repository)]) == REFUSED
    assert "is worse than" in capsys.readouterr().err
    assert tracking.by_alias("iris-quality", "candidate").number == "1"

    job = repository.parent / "job"
    job.mkdir()
    (job / "results.py").write_text("def finish(results, rows):\n    return results\n")
    (job / "batch.toml").write_text(BATCH.format(source="iris"))
    results = batch.score(job)
    assert len(results) == 150
    assert set(results["model_version"]) == {"1"}
    (job / "batch.toml").write_text(BATCH.format(source="wine"))
    with pytest.raises(Refused, match="column petal_length_cm: is missing"):
        batch.score(job)


def test_what_is_in_production_is_the_one_to_beat(repository: Path, mlflow: str, capsys: Any) -> None:
    first = pipeline.everything(repository)
    tracking.point("production", first)
    second = pipeline.everything(repository)
    assert f"{first} reaches" in capsys.readouterr().out
    assert tracking.by_alias("iris-quality", "candidate").number == second.number
    assert tracking.by_alias("iris-quality", "production").number == first.number


def test_a_server_that_is_away_is_not_a_missing_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(tracking.Unavailable, match=r"no answer from http://127\.0\.0\.1:9"):
        tracking.by_alias("iris-quality", "production")


def test_a_sweep_trains_with_its_best_trial(repository: Path, mlflow: str) -> None:
    parameters(repository, sweep=True)
    version = pipeline.everything(repository)
    assert tracking.run(version.run).data.params["depth"] == "4"


def test_code_of_the_repository_travels_with_the_model(repository: Path, mlflow: str, dataset: Path) -> None:
    import sys

    parameters(repository, source=f"folder:{dataset}", minimum=0.5)
    version = pipeline.everything(repository)
    sys.modules.pop("model")
    sys.path.remove(str(repository))
    loaded = tracking.load(version)
    assert loaded.columns == {"size": "double", "colour": "string", "seen": "string"}
    assert len(loaded.model.predict(tables.load(f"folder:{dataset}").features)) == 80


def test_a_damaged_model_is_not_loaded(repository: Path, mlflow: str) -> None:
    version = pipeline.everything(repository)
    for file in Path(mlflow.removeprefix("file://")).rglob("model.pkl"):
        file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(tracking.Damaged):
        tracking.load(version)


def test_no_alias_is_none_and_a_batch_says_so(repository: Path, mlflow: str) -> None:
    assert tracking.by_alias("iris-quality", "candidate") is None
    (repository / "batch.toml").write_text(BATCH.format(source="iris"))
    with pytest.raises(Refused, match="no model iris-quality with the alias candidate"):
        batch.score(repository)


def test_validation_writes_down_data_and_trials(repository: Path, tmp_path: Path) -> None:
    parameters(repository, sweep=True)
    pipeline.validate(repository, tmp_path)
    assert (tmp_path / "data").read_text() == "iris"
    assert (tmp_path / "trials").read_text() == '["0", "1"]'


def test_parameters_are_checked_as_a_whole() -> None:
    with pytest.raises(Refused) as refused:
        settings.parse({"data": {"source": "iris", "rows": 3}, "gates": {}, "gate": {"metric": "luck"}})
    assert all(part in str(refused.value) for part in ("[data] rows", "gates: unknown", "name: is missing"))
    with pytest.raises(Refused, match=r"\[gate\] metric: 'luck'"):
        settings.parse({"name": "a", "data": {"source": "iris"}, "gate": {"metric": "luck"}})


@pytest.mark.parametrize(
    ("measured", "production", "tolerance", "reasons"),
    [
        (0.9, None, 0.0, 0),
        (0.79, None, 0.0, 1),
        (0.9, 0.95, 0.0, 1),
        (0.9, 0.95, 0.05, 0),
        (0.9, 0.9, 0.0, 0),
        (0.7, 0.95, 0.0, 2),
    ],
)
def test_the_gate(measured: float, production: float | None, tolerance: float, reasons: int) -> None:
    rule = settings.Gate("accuracy", 0.8, tolerance)
    compared = None if production is None else {"accuracy": production}
    assert len(gate.judge(rule, {"accuracy": measured}, compared).reasons) == reasons


def test_drift_is_seen_and_its_absence_too() -> None:
    features = tables.load("iris").features
    known = drift.reference(features)
    same = drift.report(known, features.to_dict("records"), least=50, warn=0.1, alarm=0.25)
    moved = drift.report(known, (features + 3).to_dict("records"), least=50, warn=0.1, alarm=0.25)
    few = drift.report(known, features.head(10).to_dict("records"), least=50, warn=0.1, alarm=0.25)
    assert (same["state"], moved["state"], few["state"]) == ("ok", "drift", "too few")
    assert all(found["psi"] < 0.01 for found in same["features"].values())


WORSE = """
from sklearn.dummy import DummyClassifier


def build(parameters, features):
    return DummyClassifier()
"""
BATCH = """
name = "iris-scores"
[model]
name = "iris-quality"
alias = "candidate"
[data]
source = "{source}"
"""
