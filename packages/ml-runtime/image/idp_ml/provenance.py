"""Where a model comes from: data, code, run and runtime, as the tags that every version carries."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from idp_ml import gitea
from idp_ml.errors import Refused
from idp_ml.tables import Table


def tags(folder: Path, table: Table) -> dict[str, str]:
    """The tags of a run and of the version that comes of it; an unknown one is empty."""
    repository = os.environ.get("PIPELINE_REPOSITORY", "")
    return {
        "data.name": table.name,
        "data.version": table.version,
        "data.sha256": table.sha256,
        "code.repository": repository,
        "code.commit": commit(folder, repository),
        "code.sha256": code_sha256(folder),
        "pipeline.run": pipeline_run(),
        "runtime.image": os.environ.get("RUNTIME_IMAGE", ""),
    }


def pipeline_run() -> str:
    """The name of the workflow; on a laptop there is none."""
    return os.environ.get("PIPELINE_RUN", "local")


def code_sha256(folder: Path) -> str:
    """One hash over the repository's own code and parameters."""
    digest = hashlib.sha256()
    for file in _code(folder):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def commit(folder: Path, repository: str) -> str:
    """The commit that the code is of: the newest one, if its files are the ones that run here."""
    if not repository:
        return ""
    try:
        newest = gitea.commit(repository)
        same = all(gitea.file(repository, newest, f"src/{f.name}") == f.read_bytes() for f in _code(folder))
    except Refused:
        return ""
    return newest if same else ""


def _code(folder: Path) -> list[Path]:
    """In the cluster tests lie beside the code; they are no part of the model."""
    found = (path for path in folder.iterdir() if path.suffix in {".py", ".toml"})
    return sorted(p for p in found if not p.name.startswith(("test_", "conftest", "pyproject")))
