"""What a promotion changes, in a line for each thing. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bootstrap.promotion.difference import Difference, FileChange, RefChange, Verb
from bootstrap.promotion.moves import Moves

_WORDS = {Verb.ADD: "new", Verb.CHANGE: "changed", Verb.REMOVE: "removed"}


def lines(difference: Difference, found: Moves) -> list[str]:
    """Packages, images, other files of the platform, repositories, services: what moves and nothing else."""
    return [*_platform(difference), *_repositories(found), *_files(found)]


def _platform(difference: Difference) -> Iterator[str]:
    for package in difference.packages:
        yield f"package {package.name}: {package.counted(_WORDS)}"
    for image in difference.images:
        yield f"image {image.name}: {_short(image.old)} -> {_short(image.new)}"
    for kind, changes in (("catalogue", difference.catalogue), ("golden path", difference.templates)):
        for change in changes:
            yield f"{kind} {change.path}: {_WORDS[change.verb]}"


def _repositories(found: Moves) -> Iterator[str]:
    for repository in found.repositories:
        refs = ", ".join(map(_ref, repository.refs)) or "no commit"
        yield f"repository {repository.name}: {repository.relation}: {refs}"


def _files(found: Moves) -> Iterator[str]:
    for name, changes in found.files.items():
        for change in changes:
            yield f"{_thing(name, change)}: {_WORDS[change.verb]}"


def _thing(repository: str, change: FileChange) -> str:
    if repository == "deployments":
        return f"service {change.path.removesuffix('.yaml')}"
    return f"file {repository}/{change.path}"


def _ref(ref: RefChange) -> str:
    return f"{ref.title} {_short(ref.old)} -> {_short(ref.new)}"


def _short(name: str | None) -> str:
    return " ".join(one.removeprefix("sha256:")[:7] for one in name.split()) if name else "none"
