"""Are the entities of a repository ones that the catalogue takes, and do they refer to what exists? Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bootstrap.goldenpath.contract import faults as shape_faults
from bootstrap.portal import ref

#: What repositories of users may hold; `catalog.rules` of the portal.
KINDS = ("Component", "System", "API", "Resource", "Location")
_LISTS = ("dependsOn", "dependencyOf", "providesApis", "consumesApis")
_SINGLE = {"system": "system", "domain": "domain", "subcomponentOf": "component"}
_DEFAULT_KIND = {"providesApis": "api", "consumesApis": "api"}

Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?$", max_length=63)]
Tag = Annotated[str, Field(pattern=r"^[a-z0-9+#:]+(-[a-z0-9+#:]+)*$", max_length=63)]


class Link(BaseModel):
    """`idp://HOST` is an address of the platform that shows it; the portal fills it in."""

    url: str = Field(pattern=r"^(https?|idp)://")
    title: str = ""


class Metadata(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: Name
    description: str = ""
    annotations: dict[str, str] = {}
    labels: dict[str, str] = {}
    tags: list[Tag] = []
    links: list[Link] = []


class Entity(BaseModel):
    version: Literal["backstage.io/v1alpha1", "backstage.io/v1beta1"] = Field(alias="apiVersion")
    kind: Literal["Component", "System", "API", "Resource", "Location"]
    metadata: Metadata
    spec: dict[str, Any]


_NEEDED = {
    "Component": ("type", "lifecycle", "owner"),
    "API": ("type", "lifecycle", "owner", "definition"),
    "Resource": ("type", "owner"),
    "System": ("owner",),
    "Location": (),
}


@dataclass(frozen=True)
class Surroundings:
    """What entities may rely on.

    `known` are references to what the platform ships, `named` the texts that the form was given (what a
    person picks there exists), `files` the files of the repository.
    """

    owner: str
    known: frozenset[str]
    named: tuple[str, ...] = ()
    files: frozenset[str] = frozenset()


def faults(found: list[Any], around: Surroundings) -> list[str]:
    """All faults of the entities of one catalog-info.yaml."""
    if not found:
        return ["holds no entity"]
    shapes = [
        fault for number, e in enumerate(found) for fault in shape_faults(Entity, e, f"entity {number}")
    ]
    if shapes:
        return shapes
    own = {ref(entity) for entity in found}
    lines = [f"{r}: is there twice" for r in sorted(own) if [ref(e) for e in found].count(r) > 1]
    for entity in found:
        lines += [f"{ref(entity)}: {fault}" for fault in _entity(entity, around, own)]
    if not any("backstage.io/techdocs-ref" in (e["metadata"].get("annotations") or {}) for e in found):
        lines.append("no entity carries the documentation (annotation backstage.io/techdocs-ref: dir:.)")
    return lines


def relations(entity: Mapping[str, Any]) -> Iterator[str]:
    """References to other entities, in full and in lower case."""
    spec = entity["spec"]
    if "owner" in spec:
        yield full(str(spec["owner"]), "group")
    for key in _LISTS:
        for other in spec.get(key) or []:
            yield full(str(other), _DEFAULT_KIND.get(key, "component"))
    for key, kind in _SINGLE.items():
        if spec.get(key):
            yield full(str(spec[key]), kind)


def full(reference: str, kind: str) -> str:
    """`kind:namespace/name` of a reference that may leave out the first two."""
    given, _, rest = reference.rpartition(":")
    namespace, _, name = rest.rpartition("/")
    return f"{given or kind}:{namespace or 'default'}/{name}".lower()


def _entity(entity: Mapping[str, Any], around: Surroundings, own: set[str]) -> Iterator[str]:
    spec = entity["spec"]
    for key in _NEEDED[entity["kind"]]:
        if not spec.get(key):
            yield f"spec.{key} is missing"
    if spec.get("owner") not in (None, around.owner):
        yield f"is owned by {spec['owner']}, and the form says {around.owner}"
    picked = set(re.findall(r"[\w.-]+", " ".join(around.named)))
    for other in relations(entity):
        if other not in own | around.known and other.rpartition("/")[2] not in picked:
            yield f"refers to {other}, which neither the repository nor the platform has"
    definition = spec.get("definition")
    text = definition.get("$text") if isinstance(definition, dict) else None
    if text and "://" not in text and str(text).removeprefix("./") not in around.files:
        yield f"its definition is in {text}, which is not in the repository"
