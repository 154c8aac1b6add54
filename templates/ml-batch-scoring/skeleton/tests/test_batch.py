"""What must hold before anything is scored in earnest. The first step of every run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from idp_ml import batch, tables, tracking
from idp_ml.errors import Refused
from sklearn.tree import DecisionTreeClassifier

import results

FOLDER = Path(results.__file__).parent


def test_unsure_predictions_are_marked_for_review() -> None:
    given = pd.DataFrame({"row": [1, 2], "prediction": ["a", "b"], "probability": [0.95, 0.5]})
    assert list(results.finish(given, given)["review"]) == [False, True]


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This job with an MLflow in a folder, and a model of iris in place of the real one."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file://{tmp_path / 'mlflow'}")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("PIPELINE_REPOSITORY", "")
    (tmp_path / "results.py").write_text((FOLDER / "results.py").read_text())
    job = batch.Job.load(FOLDER)
    text = (FOLDER / "batch.toml").read_text().replace(f'source = "{job.source}"', 'source = "iris"')
    (tmp_path / "batch.toml").write_text(text)
    return tmp_path


def test_every_row_is_scored_with_its_origin(local: Path) -> None:
    job = batch.Job.load(local)
    with pytest.raises(Refused, match=f"no model {job.model} with the alias {job.alias}"):
        batch.score(local)
    _register(job)
    scored = batch.score(local)
    assert len(scored) == 150
    assert set(scored["model_version"]) == {"1"}
    (run,) = tracking.runs(job.name, {"model.name": job.model}, "attributes.start_time DESC")
    assert {"data.name", "data.version", "data.sha256", "model.version"} <= run.data.tags.keys()
    assert tracking.text_of(run.info.run_id, "results.csv").count("\n") == 151

    (local / "batch.toml").write_text((local / "batch.toml").read_text().replace('"iris"', '"wine"'))
    with pytest.raises(Refused, match="column petal_length_cm: is missing"):
        batch.score(local)


def _register(job: batch.Job) -> None:
    from idp_ml import drift

    iris = tables.load("iris")
    model = DecisionTreeClassifier(random_state=0).fit(iris.features, iris.target)
    run = tracking.log_training(job.model, "test", model, iris.features, parameters={}, metrics={}, tags={})
    files = {"reference.json": drift.reference(iris.features), "importance.json": {}}
    tracking.add(run, metrics={}, files=files, tags={})
    tracking.point(job.alias, tracking.register(run, job.model, {}, "a test"))
