"""From a difference to what a promotion does about it: what moves, stays, or stands in the way. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bootstrap import tree
from bootstrap.promotion import ledger
from bootstrap.promotion.contents import encoded
from bootstrap.promotion.difference import (
    Difference,
    FileChange,
    RefChange,
    Relation,
    RepositoryChange,
    Verb,
)
from bootstrap.promotion.ledger import Ledger

#: Branches and tags that a promotion brings along.
_COMING = {Relation.NEW, Relation.BEHIND}
_DEPLOYMENTS = "deployments"


@dataclass(frozen=True)
class Moves:
    """What a promotion does.

    `platform`: what idp renders differs, and `up` brings it. `files` are all others in the platform's own
    repositories, by repository. `stays` is what the target has for itself; `diverged`, what it has changed of
    its own and would be lost, by the name that --overwrite takes.
    """

    platform: bool = False
    files: Mapping[str, tuple[FileChange, ...]] = field(default_factory=dict)
    repositories: tuple[RepositoryChange, ...] = ()
    stays: tuple[str, ...] = ()
    diverged: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.platform or self.files or self.repositories)

    @property
    def services(self) -> tuple[str, ...]:
        """Deployments that come or change."""
        return self._services(lambda change: change.verb is not Verb.REMOVE)

    @property
    def gone(self) -> tuple[str, ...]:
        """Deployments that go."""
        return self._services(lambda change: change.verb is Verb.REMOVE)

    def _services(self, wanted: Callable[[FileChange], bool]) -> tuple[str, ...]:
        changes = self.files.get(_DEPLOYMENTS, ())
        return tuple(name for c in changes if wanted(c) and (name := service_of(c.path)))

    def coming(self) -> list[tuple[str, str]]:
        """Everything as it will be, for the ledger."""
        return [(thing, value) for thing, value in self._things() if value is not None]

    def going(self) -> list[str]:
        """What will be gone, for the ledger."""
        return [thing for thing, value in self._things() if value is None]

    def _things(self) -> Iterator[tuple[str, str | None]]:
        """Each file and ref as the ledger names it, with what it will be; None where it goes."""
        for name, changes in self.files.items():
            for change in changes:
                blob = None if change.new is None else tree.blob(encoded(change.new))
                yield ledger.of_file(name, change.path), blob
        for repository in self.repositories:
            for ref in repository.refs:
                yield ledger.of_ref(repository.name, ref.name), ref.new


def moves(
    difference: Difference,
    brought: Ledger,
    chosen: Collection[str] = (),
    overwrite: Collection[str] = (),
) -> Moves:
    """What to do about a difference.

    `brought` is what the source has brought before; `chosen` are repositories of users (`ORG/NAME`), all
    where empty, with whom their services go; `overwrite` names what may be lost on the target.
    """
    sorting = _Sorting(brought, overwrite)
    files: dict[str, list[FileChange]] = {}
    for name, change in _files(difference, chosen):
        if sorting.takes_file(name, change):
            files.setdefault(name, []).append(change)
    repositories = [
        taken
        for change in difference.repositories
        if not chosen or change.name in chosen
        if (taken := sorting.taken(change))
    ]
    return Moves(
        bool(difference.packages or difference.images or difference.catalogue or difference.templates),
        {name: tuple(changes) for name, changes in files.items()},
        tuple(repositories),
        tuple(sorting.stays),
        sorting.diverged,
    )


def service_of(path: str) -> str:
    """The service that a file of the repository `deployments` is about; empty where it is about none."""
    return path.removesuffix(".yaml") if path.endswith(".yaml") and "/" not in path else ""


def source_of(application: str | None) -> str:
    """`ORG/NAME` of the repository that an Argo CD Application deploys; empty where it is none."""
    try:
        return source_of_object(yaml.safe_load(application or ""))
    except yaml.YAMLError:
        return ""


def source_of_object(application: Any) -> str:
    """The same of a parsed one."""
    try:
        url = str(application["spec"]["source"]["repoURL"])
    except (KeyError, TypeError):
        return ""
    return "/".join(url.removesuffix(".git").rsplit("/", 2)[-2:])


@dataclass
class _Sorting:
    """Puts each change where it belongs; what does not move is named."""

    brought: Ledger
    overwrite: Collection[str]
    stays: list[str] = field(default_factory=list)
    diverged: dict[str, str] = field(default_factory=dict)

    def takes_file(self, repository: str, change: FileChange) -> bool:
        name = ledger.of_file(repository, change.path)
        if change.old is None:
            return True
        known = self.brought.get(name, ())
        if tree.blob(encoded(change.old)) in known or name in self.overwrite:
            return True
        if change.new is None and not known:
            self.stays.append(name)
            return False
        self.diverged[name] = "changed there by hand" if known else "there already, and not from here"
        return False

    def taken(self, change: RepositoryChange) -> RepositoryChange | None:
        """The change with the branches and tags that move; None where none does."""
        if change.relation is Relation.EXTRA:
            self.stays.append(change.name)
            return None
        refs = tuple(ref for ref in change.refs if self._takes_ref(change.name, ref))
        if not refs and change.relation is not Relation.NEW:
            return None
        return RepositoryChange(change.name, change.old, change.new, refs)

    def _takes_ref(self, repository: str, ref: RefChange) -> bool:
        name = ledger.of_ref(repository, ref.name)
        if ref.relation is Relation.EXTRA:
            return self._takes_extra(name, ref)
        if ref.relation in _COMING or repository in self.overwrite:
            return True
        words = "has commits of its own" if ref.relation is Relation.AHEAD else "has diverged"
        said = self.diverged.get(repository, "")
        self.diverged[repository] = f"{said}{', ' if said else ''}{ref.name} {words}"
        return False

    def _takes_extra(self, name: str, ref: RefChange) -> bool:
        """A branch that came from the source and is gone there goes here, too."""
        if ref.old in self.brought.get(name, ()):
            return True
        self.stays.append(name)
        return False


def _files(difference: Difference, chosen: Collection[str]) -> Iterable[tuple[str, FileChange]]:
    """Repository and change of every file that idp did not render and that is chosen."""
    for change in difference.deployments.files:
        if not chosen or source_of(change.new or change.old) in chosen:
            yield _DEPLOYMENTS, change
    for change in difference.extra:
        name, _, path = change.path.partition("/")
        yield name, FileChange(path, change.old, change.new)
