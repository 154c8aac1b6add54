"""What is written down of a promotion, in the Git of the platform that it went to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import yaml
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError


def _named(key: str, field: str) -> Any:
    """A field that has another name in the file, where a word of Python's stands in the way."""
    return Field(validation_alias=AliasChoices(key, field), serialization_alias=key)


class State(StrEnum):
    """How far a promotion is."""

    WAITING = "waiting"  # for an approval; nothing has changed
    BEGUN = "begun"  # a rerun finishes it
    DONE = "done"
    ROLLED_BACK = "rolled-back"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Person(_Part):
    name: str
    email: str = ""


class Side(_Part):
    """A platform; `cluster` tells two of one name apart, `commit` is that of its `idp/platform`."""

    name: str
    domain: str
    cluster: str = ""
    commit: str = ""


class Commits(_Part):
    """The main branch of one of the platform's own repositories; "" where there is no commit."""

    before: str = ""
    after: str = ""


class Refs(_Part):
    """Branches and tags that a promotion moved; `before` lacks new ones, `new` says the repository is."""

    before: Mapping[str, str] = {}
    after: Mapping[str, str] = {}
    new: bool = False


class Model(_Part):
    """What came of a registered model: versions -> SHA-256 of the model's file, and aliases as they are now.

    The rest is what taking it back needs: the run of each version, the aliases as they were (None: none), and
    what else was added.
    """

    versions: Mapping[str, str] = {}
    aliases: Mapping[str, str] = {}
    new: bool = False
    runs: Mapping[str, str] = {}
    aliases_before: Mapping[str, str | None] = {}
    things: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()


class Verdict(_Part):
    """What a check found before anything was moved."""

    name: str
    passed: bool
    detail: str = ""


class Consent(_Part):
    """Who agreed, when (ISO 8601, UTC), and where that can be read."""

    by: Person
    at: str = ""
    url: str = ""


class Record(_Part):
    """One promotion. `stack` is the target's stack definition before and after."""

    id: str
    state: State
    source: Side = _named("from", "source")
    target: Side = _named("to", "target")
    by: Person
    begun: str
    finished: str = ""
    rolled_back: Consent | None = None
    approval: Consent | None = None
    request: str = ""
    stack: Commits = Commits()
    platform: Mapping[str, Commits] = {}
    #: Paths that moved besides what idp renders, by repository of the platform's own.
    files: Mapping[str, tuple[str, ...]] = {}
    repositories: Mapping[str, Refs] = {}
    images: Mapping[str, str] = {}
    services: tuple[str, ...] = ()
    models: Mapping[str, Model] = {}
    difference: tuple[str, ...] = ()
    checks: tuple[Verdict, ...] = ()
    #: A hash of what moves.
    content: str = ""

    def but(self, **changes: Any) -> Record:
        """The same with other values."""
        return self.model_copy(update=changes)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def new_id(source: str, at: str) -> str:
    """Sorts by time; two of one second from one platform would be one promotion."""
    return f"{at.replace('-', '').replace(':', '')}-{source}"


def plain(record: Record) -> dict[str, Any]:
    """The record as plain values, by the keys that it has in Git."""
    return record.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def text(record: Record) -> str:
    """As it stands in Git."""
    return yaml.safe_dump(plain(record), sort_keys=False, allow_unicode=True, width=120)


def parsed(content: bytes) -> Record | None:
    """The record, or None where it is spoilt."""
    try:
        return Record.model_validate(yaml.safe_load(content))
    except (yaml.YAMLError, ValidationError):
        return None
