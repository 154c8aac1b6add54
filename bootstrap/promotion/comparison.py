"""From two contents to their difference, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from bootstrap.promotion import objects
from bootstrap.promotion.contents import Contents, Files
from bootstrap.promotion.difference import (
    Difference,
    FileChange,
    ImageChange,
    PackageChange,
    RefChange,
    Relation,
    RepositoryChange,
    Verb,
    verb,
)

T = TypeVar("T")

_RELATIONS = {Verb.ADD: Relation.NEW, Verb.REMOVE: Relation.EXTRA, Verb.CHANGE: Relation.UNKNOWN}
_TAGS = "refs/tags/"


def compare(wanted: Contents, found: Contents) -> Difference:
    """How `found` differs from `wanted`; branches that differ are related to each other by nobody yet."""
    return Difference(
        packages=tuple(
            _package(name, new or {}, old or {})
            for name, old, new in _differing(wanted.manifests, found.manifests)
        ),
        images=tuple(ImageChange(*change) for change in _differing(wanted.images, found.images)),
        repositories=tuple(
            RepositoryChange(name, old, new, _refs(new or {}, old or {}))
            for name, old, new in _differing(wanted.repositories, found.repositories)
        ),
        deployments=_package("deployments", wanted.deployments, found.deployments),
        catalogue=_files(wanted.catalogue, found.catalogue),
        templates=_files(wanted.templates, found.templates),
        extra=_files(wanted.extra, found.extra),
    )


def applied(difference: Difference, found: Contents) -> Contents:
    """The contents that `found` becomes: `applied(compare(a, b), b) == a`."""
    manifests = dict(found.manifests)
    for package in difference.packages:
        manifests[package.name] = _brought(package.files, manifests.get(package.name, {}))
    images = ((change.name, change.new) for change in difference.images)
    repositories = ((change.name, change.new) for change in difference.repositories)
    return Contents(
        {name: files for name, files in manifests.items() if files},
        _put(images, found.images),
        _put(repositories, found.repositories),
        _brought(difference.deployments.files, found.deployments),
        _brought(difference.catalogue, found.catalogue),
        _brought(difference.templates, found.templates),
        _brought(difference.extra, found.extra),
    )


def _package(name: str, wanted: Files, found: Files) -> PackageChange:
    files = _files(wanted, found)
    return PackageChange(name, files, objects.changes(files))


def _files(wanted: Files, found: Files) -> tuple[FileChange, ...]:
    return tuple(FileChange(*change) for change in _differing(wanted, found))


def _refs(wanted: Mapping[str, str], found: Mapping[str, str]) -> tuple[RefChange, ...]:
    return tuple(
        RefChange(name, old, new, _relation(name, verb(old, new)))
        for name, old, new in _differing(wanted, found)
    )


def _relation(ref: str, what: Verb) -> Relation:
    """A tag stands for one commit for good, so one that differs was moved."""
    moved = what is Verb.CHANGE and ref.startswith(_TAGS)
    return Relation.DIVERGED if moved else _RELATIONS[what]


def _differing(wanted: Mapping[str, T], found: Mapping[str, T]) -> list[tuple[str, T | None, T | None]]:
    """Name, what is found and what is wanted, of all that differ."""
    pairs = ((name, found.get(name), wanted.get(name)) for name in sorted({*wanted, *found}))
    return [(name, old, new) for name, old, new in pairs if old != new]


def _brought(changes: Iterable[FileChange], files: Files) -> dict[str, str]:
    return _put(((change.path, change.new) for change in changes), files)


def _put(changes: Iterable[tuple[str, T | None]], known: Mapping[str, T]) -> dict[str, T]:
    """What is known with these set, and those that are None taken away."""
    merged: dict[str, T | None] = {**known, **dict(changes)}
    return {name: value for name, value in merged.items() if value is not None}
