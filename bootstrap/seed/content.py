"""What the catalogue and the templates repositories hold for a plan. Pure, but for reading its sources."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bootstrap import paths, render
from bootstrap.model import Plan

#: The entry point of both repositories: a Location that names every other file of entities.
ENTRY = "all.yaml"

_CATALOG = Path(__file__).parent / "catalog"
_OF_A_PACKAGE = ("catalog-info.yaml", "catalog-info.yaml.j2", "mkdocs.yml", "docs/**/*")
_IMAGE = re.compile(r"\bimages\.(\w+)")
_IGNORED = {"__pycache__", ".pytest_cache", ".venv", "node_modules", ".DS_Store"}

Files = Mapping[str, bytes]


def catalog(plan: Plan, references: Mapping[str, str]) -> dict[str, bytes]:
    """The catalogue repository: what ships with idp, and of each package its entities and its pages."""
    files = _rendered(_CATALOG, ("**/*",), render.scope(plan, references))
    for package in plan.packages:
        own = _rendered(package.folder, _OF_A_PACKAGE, render.scope(plan, references, package))
        files |= {f"packages/{package.name}/{path}": content for path, content in own.items()}
    return _with_entry(files, "platform-catalog", [p for p in files if _holds_entities(p)])


def templates(plan: Plan, references: Mapping[str, str]) -> dict[str, bytes]:
    """The templates repository: one folder for each golden path that the stack has the images for."""
    scope = render.scope(plan, references)
    offered = [f for f in golden_paths() if images_of(f) <= scope["images"].keys()]
    files = {
        f"{folder.name}/{path}": content
        for folder in offered
        for path, content in golden_path(folder, scope).items()
    }
    return _with_entry(files, "golden-paths", [p for p in files if _is_template(p)])


def golden_paths() -> list[Path]:
    """The folders of the golden paths that ship with idp, offered by this stack or not."""
    return sorted(folder for folder in paths.templates().glob("*") if folder.is_dir())


def golden_path(folder: Path, scope: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of one golden path, as the templates repository holds them in a folder of its name."""
    return _rendered(folder, ("**/*",), scope)


def images_of(folder: Path) -> set[str]:
    """The platform images that a golden path needs, as templates name them."""
    return {name for file in folder.rglob("*.j2") for name in _IMAGE.findall(file.read_text())}


def entities(files: Files, entry: str = ENTRY) -> list[dict[str, Any]]:
    """Every entity that the catalogue finds when it starts at `entry`, that Location included."""
    found: list[dict[str, Any]] = []
    for document in _documents(files, entry):
        found.append(document)
        if document["kind"] == "Location":
            for target in _targets(document):
                found += entities(files, posixpath.normpath(posixpath.join(posixpath.dirname(entry), target)))
    return found


def _documents(files: Files, path: str) -> Iterator[dict[str, Any]]:
    for document in yaml.safe_load_all(files.get(path, b"")):
        if isinstance(document, dict) and {"apiVersion", "kind", "metadata"} <= document.keys():
            yield document


def _targets(location: Mapping[str, Any]) -> list[str]:
    """Targets inside the same repository."""
    spec = location.get("spec", {})
    named = [*spec.get("targets", []), *([spec["target"]] if "target" in spec else [])]
    return [target for target in named if "://" not in target]


def _with_entry(files: dict[str, bytes], name: str, targets: list[str]) -> dict[str, bytes]:
    """The files and an entry that lists `targets`, unless they bring one of their own."""
    if ENTRY in files:
        return files
    entry = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {"name": name, "description": "Written by idp: names every file of entities here"},
        "spec": {"type": "url", "targets": [f"./{path}" for path in sorted(targets)]},
    }
    return {**files, ENTRY: yaml.safe_dump(entry, sort_keys=False).encode()}


def _holds_entities(path: str) -> bool:
    """Top-level YAML and every catalog-info.yaml; mkdocs.yml and the like are configuration."""
    name = posixpath.basename(path)
    return name == "catalog-info.yaml" or ("/" not in path and name.endswith(".yaml"))


def _is_template(path: str) -> bool:
    return path.count("/") == 1 and path.endswith("/template.yaml")


def _rendered(folder: Path, patterns: tuple[str, ...], scope: Mapping[str, Any]) -> dict[str, bytes]:
    """Path -> content of the matching files; `*.j2` are filled in and lose that ending."""
    files: dict[str, bytes] = {}
    for pattern in patterns:
        for source in sorted(folder.glob(pattern)):
            relative = source.relative_to(folder)
            if not source.is_file() or _IGNORED & set(relative.parts):
                continue
            if source.suffix == ".j2":
                text = render.text(source.read_text(), scope, str(source))
                files[relative.as_posix().removesuffix(".j2")] = text.encode()
            else:
                files[relative.as_posix()] = source.read_bytes()
    return files
