"""Trained models on a volume: one folder per version, and a file that names the one in service.

A version is written completely before it is named, and never changed afterwards, so a service can
read while a training job writes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib

KEPT_VERSIONS = 5


class DamagedModel(Exception):
    """The bytes on the volume are not those that the training job has written."""


@dataclass(frozen=True)
class Model:
    """A classifier and the record of how it came about."""

    classifier: Any
    record: dict[str, Any]

    @property
    def version(self) -> str:
        return str(self.record["version"])


@dataclass(frozen=True)
class Store:
    folder: Path

    def publish(self, model: Model) -> None:
        """Write a version and put it in service."""
        target = self.folder / model.version
        target.mkdir(parents=True)
        joblib.dump(model.classifier, target / "model.joblib")
        record = {**model.record, "sha256": _sha256(target / "model.joblib")}
        (target / "model.json").write_text(json.dumps(record, indent=2) + "\n")
        _replace(self.folder / "current", model.version)
        self._forget_old(keep=model.version)

    def current_version(self) -> str | None:
        """The version in service, or None while nothing has been trained."""
        try:
            return (self.folder / "current").read_text().strip() or None
        except FileNotFoundError:
            return None

    def load(self, version: str) -> Model:
        """Raises DamagedModel rather than unpickle bytes that are not the recorded ones."""
        record = json.loads((self.folder / version / "model.json").read_text())
        file = self.folder / version / "model.joblib"
        if _sha256(file) != record["sha256"]:
            raise DamagedModel(f"{file} does not match its record")
        return Model(joblib.load(file), record)

    def _forget_old(self, keep: str) -> None:
        versions = sorted(path for path in self.folder.iterdir() if (path / "model.json").is_file())
        for path in versions[:-KEPT_VERSIONS]:
            if path.name != keep:
                shutil.rmtree(path)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _replace(file: Path, text: str) -> None:
    """Write in one step: a reader sees the old text or the new one."""
    draft = file.with_name(f".{file.name}")
    draft.write_text(text + "\n")
    os.replace(draft, file)
