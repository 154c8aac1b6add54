"""What must hold before anything is trained in earnest. The first step of every run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from idp_ml import pipeline, settings, tracking, training
from idp_ml.errors import Refused

import model

FOLDER = Path(model.__file__).parent


@pytest.fixture(scope="module")
def parameters() -> settings.Parameters:
    return settings.load(FOLDER)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """A table with numbers and words; the label follows from the first column."""
    chance = np.random.default_rng(1)
    table = pd.DataFrame(chance.normal(size=(120, 3)), columns=["a", "b", "c"])
    table["colour"] = chance.choice(["red", "green"], size=120).astype(object)
    return table


def test_the_model_learns_and_repeats_itself(parameters: settings.Parameters, rows: pd.DataFrame) -> None:
    labels = pd.Series(np.where(rows["a"] > 0, "high", "low"))
    first, second = (model.build(parameters.model, rows).fit(rows, labels) for _ in range(2))
    assert training.metrics(labels, first.predict(rows))["accuracy"] > 0.9
    assert (first.predict_proba(rows) == second.predict_proba(rows)).all()


def test_an_unknown_word_is_no_reason_to_fail(parameters: settings.Parameters, rows: pd.DataFrame) -> None:
    labels = pd.Series(np.where(rows["a"] > 0, "high", "low"))
    fitted = model.build(parameters.model, rows).fit(rows, labels)
    assert len(fitted.predict(rows.assign(colour="blue"))) == len(rows)


def test_every_combination_of_the_sweep_can_be_built(
    parameters: settings.Parameters, rows: pd.DataFrame
) -> None:
    for combination in parameters.trials() or [parameters.model]:
        assert model.build(combination, rows)


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parameters: settings.Parameters) -> Path:
    """This pipeline on a data set of the runtime, with an MLflow in a folder."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file://{tmp_path / 'mlflow'}")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("PIPELINE_REPOSITORY", "")
    (tmp_path / "model.py").write_text((FOLDER / "model.py").read_text())
    write(tmp_path, source="iris", target="", minimum=0.5, enabled=False)
    return tmp_path


def write(folder: Path, **changes: Any) -> None:
    """The parameters of this repository with some lines changed."""
    text = (FOLDER / "params.toml").read_text()
    for name, value in changes.items():
        text = re.sub(f"^{name} = .*$", f"{name} = {json.dumps(value)}", text, flags=re.MULTILINE)
    (folder / "params.toml").write_text(text)


def test_from_data_to_a_version_and_its_evidence(local: Path, parameters: settings.Parameters) -> None:
    version = pipeline.everything(local)
    assert tracking.by_alias(parameters.name, pipeline.CANDIDATE).number == version.number
    loaded = tracking.load(version)
    assert loaded.reference["features"].keys() == loaded.columns.keys()
    assert {"data.name", "data.sha256", "code.sha256", "pipeline.run"} <= loaded.version.tags.keys()

    write(local, source="iris", target="", minimum=1.1, enabled=False)
    with pytest.raises(Refused, match="below the minimum"):
        pipeline.everything(local)
