"""What the runtime image shares among pipelines, batch jobs and services, tested in that image."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrap import paths
from bootstrap.bundle import engine
from bootstrap.goldenpath import trial

TESTS = paths.packages() / "ml-runtime" / "tests"


@pytest.mark.engine
def test_the_shared_library_passes_its_tests(image: Callable[[str], str], tmp_path: Path) -> None:
    folder = shutil.copytree(TESTS, tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder, *(f for f in folder.parents if f.name.startswith("pytest-")), tmp_path):
        path.chmod(0o755)
    done = engine.run_offline(image("ml-runtime"), folder, trial.COMMAND, trial.LIMIT)
    assert done.code == 0, done.out + done.err
