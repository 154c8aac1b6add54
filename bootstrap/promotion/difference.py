"""What differs between two platforms, as values: from `old`, what is there, to `new`, what shall be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verb(StrEnum):
    """What has to happen to a thing."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


def verb(old: object, new: object) -> Verb:
    return Verb.ADD if old is None else Verb.REMOVE if new is None else Verb.CHANGE


class Relation(StrEnum):
    """How a branch, a tag or a repository stands to the one that it is compared with."""

    NEW = "new"  # it is not there yet
    BEHIND = "behind"  # it lacks commits, and has none of its own
    AHEAD = "ahead"  # it has commits of its own, and lacks none
    DIVERGED = "diverged"  # both, or a tag that was moved
    EXTRA = "extra"  # it is there only
    UNKNOWN = "unknown"  # nobody has asked for the history yet


@dataclass(frozen=True)
class FileChange:
    """A file; `old` or `new` is None where it is not there, or not to be."""

    path: str
    old: str | None
    new: str | None

    @property
    def verb(self) -> Verb:
        return verb(self.old, self.new)


@dataclass(frozen=True)
class FieldChange:
    """A field inside an object by its path, such as `spec.containers[web].image`; None where it is absent."""

    path: str
    old: Any
    new: Any


@dataclass(frozen=True)
class ObjectChange:
    """A Kubernetes object; of what is none, `kind` is empty and `name` is its file."""

    verb: Verb
    kind: str
    namespace: str
    name: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class PackageChange:
    """A package whose files differ; no object does where only their layout differs."""

    name: str
    files: tuple[FileChange, ...]
    objects: tuple[ObjectChange, ...]

    def count(self, wanted: Verb) -> int:
        return sum(change.verb is wanted for change in self.objects)

    def counted(self, words: Mapping[Verb, str]) -> str:
        """How many objects, by these words."""
        counts = [f"{count} {word}" for verb, word in words.items() if (count := self.count(verb))]
        return ", ".join(counts) or "only the layout of files"


@dataclass(frozen=True)
class ImageChange:
    """An image by its digest, None where it is not used."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class RefChange:
    """A branch or a tag by the id that it leads to."""

    name: str
    old: str | None
    new: str | None
    relation: Relation

    @property
    def title(self) -> str:
        """As people call it: `main`, `tag v1`."""
        return self.name.removeprefix("refs/heads/").replace("refs/tags/", "tag ")


@dataclass(frozen=True)
class RepositoryChange:
    """A repository; `old` or `new` is None where it does not exist, or shall not."""

    name: str
    old: Mapping[str, str] | None
    new: Mapping[str, str] | None
    refs: tuple[RefChange, ...]

    @property
    def relation(self) -> Relation:
        """That of the whole: one branch that has diverged is enough."""
        if self.old is None or self.new is None:
            return Relation.NEW if self.old is None else Relation.EXTRA
        found = {ref.relation for ref in self.refs}
        for whole, parts in _WHOLES.items():
            if found <= parts:
                return whole
        return Relation.UNKNOWN if Relation.UNKNOWN in found else Relation.DIVERGED


#: What the parts of a repository may be for the whole to be that.
_WHOLES = {
    Relation.BEHIND: {Relation.BEHIND, Relation.NEW},
    Relation.AHEAD: {Relation.AHEAD, Relation.EXTRA},
}


@dataclass(frozen=True)
class VersionChange:
    """A version that the target lacks."""

    number: str
    run: str
    sha256: str


@dataclass(frozen=True)
class ModelChange:
    """What a transfer would bring; `aliases` from what they are to what they shall be, None for none.

    `relation` is that of the target. `added` are runs and logged models that it lacks, `changed` those that
    it has otherwise, `experiments` those that it lacks, `conflicts` versions that are its own.
    """

    name: str
    versions: tuple[VersionChange, ...]
    aliases: Mapping[str, tuple[str | None, str | None]]
    relation: Relation
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """Everything that differs, sorted by name; false where nothing does. Models are there if asked for."""

    packages: tuple[PackageChange, ...] = ()
    images: tuple[ImageChange, ...] = ()
    repositories: tuple[RepositoryChange, ...] = ()
    deployments: PackageChange = field(default_factory=lambda: PackageChange("deployments", (), ()))
    catalogue: tuple[FileChange, ...] = ()
    templates: tuple[FileChange, ...] = ()
    extra: tuple[FileChange, ...] = ()
    models: tuple[ModelChange, ...] = ()

    def __bool__(self) -> bool:
        files = (*self.deployments.files, *self.catalogue, *self.templates, *self.extra)
        return bool(self.packages or self.images or self.repositories or files or self.models)
