"""Which golden paths there are: those that ship with idp, and those in a folder that a user names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap import preview, render
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.goldenpath.path import GoldenPath
from bootstrap.model import Plan
from bootstrap.seed import content

_SOURCES = ("template.yaml", "template.yaml.j2")


@dataclass(frozen=True)
class Entry:
    """A golden path as `idp template list` shows it; `missing` are images that the stack does not have."""

    name: str
    title: str
    type: str
    description: str
    missing: tuple[str, ...]

    @property
    def offered(self) -> bool:
        return not self.missing


def entries(plan: Plan) -> list[Entry]:
    """Every golden path that ships with idp, and whether the plan's stack offers it."""
    return [_entry(path) for path in load(plan, content.golden_paths(), {})]


def load(plan: Plan, folders: Iterable[Path], references: Mapping[str, str]) -> list[GoldenPath]:
    """The golden paths in these folders, filled in for the plan.

    `references` names the images by digest; one that it lacks gets a digest of zeros.
    """
    known = {**preview.unbuilt(plan), **references}
    return [_load(plan, folder, known) for folder in folders]


def find(wanted: Iterable[str]) -> list[Path]:
    """The folders of the named golden paths; of all that ship with idp where none is named.

    A name with a `/` or a folder that holds a template is a path. Raises IDP-T002 naming all unknown ones.
    """
    shipped = {folder.name: folder for folder in content.golden_paths()}
    found = {name: _folder(name, shipped) for name in wanted}
    unknown = [name for name, folder in found.items() if folder is None]
    if unknown:
        raise IdpError(
            "IDP-T002",
            f"there is no golden path {' and no golden path '.join(f'`{name}`' for name in unknown)}",
            f"known: {', '.join(shipped)}; the path of a folder with a template.yaml works too",
            "idp template list",
            exit_code=WRONG_USE,
        )
    return [folder for folder in found.values() if folder] or list(shipped.values())


def _folder(name: str, shipped: Mapping[str, Path]) -> Path | None:
    if name in shipped:
        return shipped[name]
    folder = Path(name)
    return folder.resolve() if any((folder / source).is_file() for source in _SOURCES) else None


def _load(plan: Plan, folder: Path, known: Mapping[str, str]) -> GoldenPath:
    needs = content.images_of(folder)
    absent = {name.replace("_", "-") for name in needs} - known.keys()
    unbuilt = {name: f"{plan.facts.registry}/{name}@{preview.UNBUILT}" for name in absent}
    files = content.golden_path(folder, render.scope(plan, {**known, **unbuilt}))
    return GoldenPath(folder.name, files, frozenset(needs), frozenset(absent))


def _entry(path: GoldenPath) -> Entry:
    metadata: dict[str, Any] = path.template.get("metadata") or {}
    return Entry(
        path.name,
        str(metadata.get("title", "")),
        str(path.spec.get("type", "")),
        re.sub(r"\s+", " ", str(metadata.get("description", ""))).strip(),
        tuple(sorted(path.absent)),
    )
