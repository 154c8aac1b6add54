"""The data behind every policy: what is done, on what, and whether it changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bootstrap.cloud.iam.estate import Estate

Json = dict[str, Any]
#: Scope -> actions.
Grants = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Scope:
    """On what actions are allowed; `reason` says why, where that is everything."""

    resources: tuple[str, ...]
    condition: Mapping[str, Any]
    reason: str = ""


@dataclass(frozen=True)
class Need:
    """What one type, lookup or deed of `idp` asks of AWS."""

    read: Grants
    write: Grants


@dataclass(frozen=True)
class Permissions:
    """permissions.yaml, parsed."""

    scopes: Mapping[str, Scope]
    types: Mapping[str, Need]
    lookups: Mapping[str, Need]
    uses: Mapping[str, Need]
    #: Statements of the boundary alone, and the scopes that it takes over from the role that applies.
    cap: tuple[tuple[str, tuple[str, ...]], ...]
    applies: tuple[str, ...]

    @property
    def needs(self) -> Iterator[Need]:
        for part in (self.types, self.lookups, self.uses):
            yield from part.values()

    def preview(self) -> Grants:
        """What looking needs."""
        return merged(need.read for need in self.needs)

    def apply(self) -> Grants:
        """What changing needs, which is looking as well."""
        return merged(grants for need in self.needs for grants in (need.read, need.write))

    def boundary(self) -> Grants:
        """What no role of the platform may exceed."""
        applied = self.apply()
        return {**dict(self.cap), **{scope: applied[scope] for scope in self.applies}}

    def statements(self, grants: Grants, estate: Estate) -> list[Json]:
        """One statement per scope, filled in for a platform."""
        return [_statement(name, self.scopes[name], grants[name], estate) for name in sorted(grants)]


@cache
def load() -> Permissions:
    """The permissions that ship."""
    import yaml

    data = yaml.safe_load((Path(__file__).parent / "permissions.yaml").read_text())
    cap = data["boundary"]
    return Permissions(
        {
            name: Scope(tuple(scope["resources"]), scope.get("condition", {}), scope.get("reason", ""))
            for name, scope in data["scopes"].items()
        },
        _needs(data["types"]),
        _needs(data["lookups"]),
        _needs(data["uses"]),
        tuple((each["scope"], tuple(each["actions"])) for each in cap["statements"]),
        tuple(cap["applies"]),
    )


def merged(all_grants: Iterable[Grants]) -> Grants:
    """All of them as one: each action once per scope, in order of the alphabet."""
    found: dict[str, set[str]] = {}
    for grants in all_grants:
        for scope, actions in grants.items():
            found.setdefault(scope, set()).update(actions)
    return {scope: tuple(sorted(actions)) for scope, actions in found.items()}


def _needs(data: Mapping[str, Any]) -> Mapping[str, Need]:
    return {name: _need(need) for name, need in data.items()}


def _need(need: Mapping[str, Mapping[str, list[str]]]) -> Need:
    read, write = (
        {scope: tuple(actions) for scope, actions in need.get(kind, {}).items()} for kind in ("read", "write")
    )
    return Need(read, write)


def _statement(name: str, scope: Scope, actions: tuple[str, ...], estate: Estate) -> Json:
    resources = _filled(list(scope.resources), estate.words)
    statement: Json = {
        "Sid": "".join(word.capitalize() for word in name.split("-")),
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": resources,
    }
    if scope.condition:
        statement["Condition"] = _filled(scope.condition, estate.words)
    return statement


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    match value:
        case str():
            return value.format(**words)
        case list():
            return [_filled(each, words) for each in value]
        case _:
            return {key: _filled(each, words) for key, each in value.items()}
