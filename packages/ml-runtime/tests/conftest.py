"""A local MLflow, and a repository with a model of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

MODEL = """
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder


def _same(frame):
    return frame


def build(parameters, features):
    words = (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number"))
    return make_pipeline(
        FunctionTransformer(_same),
        make_column_transformer(words, remainder="passthrough"),
        RandomForestClassifier(parameters["trees"], max_depth=parameters["depth"], random_state=0),
    )
"""
PARAMETERS = """
name = "iris-quality"
[data]
source = "{source}"
[model]
trees = 10
depth = {depth}
[gate]
minimum = {minimum}
[sweep]
enabled = {sweep}
[sweep.grid]
depth = [1, 4]
"""


@pytest.fixture
def mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store in a folder, as tests of repositories use it."""
    uri = f"file://{tmp_path / 'mlflow'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    return uri


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "model.py").write_text(MODEL)
    parameters(folder)
    yield folder
    sys.modules.pop("model", None)
    sys.path[:] = [entry for entry in sys.path if entry != str(folder)]


def parameters(
    folder: Path, *, source: str = "iris", depth: int = 4, minimum: float = 0.85, sweep: bool = False
) -> None:
    filled = PARAMETERS.format(source=source, depth=depth, minimum=minimum, sweep=str(sweep).lower())
    (folder / "params.toml").write_text(filled)


SCHEMA = """
data: {files: [data/rows.csv]}
key: [id]
target: kind
columns:
  id: {type: integer}
  size: {type: number, min: 0, max: 10, unit: cm}
  colour: {type: string, allowed: [red, green]}
  seen: {type: date, optional: true}
  kind: {type: string, allowed: [a, b]}
"""


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "flowers"
    (folder / "data").mkdir(parents=True)
    (folder / "schema.yaml").write_text(SCHEMA)
    rows = [
        f"{n},{n % 9},{'red' if n % 2 else 'green'},2026-01-{n % 28 + 1:02},{'a' if n % 2 else 'b'}"
        for n in range(80)
    ]
    (folder / "data" / "rows.csv").write_text("\n".join(["id,size,colour,seen,kind", *rows]) + "\n")
    return folder
