"""The experiment's own code works, and so does every notebook, from its first cell to its last."""

from __future__ import annotations

import json
from pathlib import Path

import mlflow
import pytest

import experiment
from experiment import Parameters

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.fixture(autouse=True)
def _tracking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs go into a folder here, not to the platform."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri(f"file:{tmp_path}/mlruns")


def test_a_trial_is_better_than_a_guess() -> None:
    _, labels = experiment.data()
    _, metrics = experiment.trial(Parameters())
    assert metrics["accuracy"] > labels.value_counts(normalize=True).max()


def test_the_same_parameters_give_the_same_metrics() -> None:
    assert experiment.trial(Parameters())[1] == experiment.trial(Parameters())[1]


def test_a_trial_can_be_about_some_features_only() -> None:
    rows, _ = experiment.data()
    model, _ = experiment.trial(Parameters(features=tuple(rows.columns[:2])))
    assert list(model.feature_names_in_) == list(rows.columns[:2])


def test_a_recorded_trial_is_a_run_of_this_experiment() -> None:
    metrics = experiment.recorded("a test", Parameters(trees=5))
    found = mlflow.search_runs(experiment_names=[experiment.NAME], output_format="list")
    assert [run.info.run_name for run in found] == ["a test"]
    assert found[0].data.metrics == metrics
    assert found[0].data.params["trees"] == "5"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_from_top_to_bottom(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(notebook.parent)
    cells = json.loads(notebook.read_text())["cells"]
    names: dict[str, object] = {"display": lambda *shown: None}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), notebook.name, "exec"), names)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_no_notebook_is_committed_with_its_output(notebook: Path) -> None:
    cells = json.loads(notebook.read_text())["cells"]
    assert not any(cell.get("outputs") for cell in cells), "clear all outputs, then commit"
