"""Golden paths as a platform with every package would offer them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from bootstrap import definitions, paths, plan
from bootstrap.goldenpath import shelf
from bootstrap.goldenpath.path import GoldenPath
from bootstrap.model import Endpoint, Image, Package, Plan, Requirements, Target
from bootstrap.portal import ref
from bootstrap.seed import content


def _package(folder: Path) -> Package:
    """A package as far as golden paths can tell: its images and its address."""
    contract = definitions.packages([folder.name], folder.parent)[folder.name]
    return Package(
        folder.name,
        folder,
        contract.namespace or folder.name,
        contract.description,
        contract.version,
        images=tuple(Image(name, "", folder) for name in contract.images),
        endpoint=Endpoint(contract.endpoint.host, folder.name) if contract.endpoint else None,
    )


PLAN = Plan(
    stack="reference",
    target=Target("local", "demo"),
    facts=plan.load("reference", Target("local", "demo")).facts,
    packages=tuple(_package(file.parent) for file in sorted(paths.packages().glob("*/package.yaml"))),
    requirements=Requirements(1, 1, 1),
)
REFERENCES = {image.name: f"idp.local/{image.name}@sha256:{'0' * 64}" for image in PLAN.images}
#: A platform whose facts no text would hold by chance.
FOREIGN = replace(
    PLAN,
    facts=replace(
        PLAN.facts,
        name="elsewhere",
        domain="platform.example.org",
        https_port=9443,
        registry="registry.example.org/idp",
        storage_class="unlikely-disks",
    ),
)
RESERVED = frozenset(p.endpoint.host for p in PLAN.packages if p.endpoint)


@cache
def golden_paths() -> dict[str, GoldenPath]:
    """All that ship with idp, by name."""
    return {path.name: path for path in shelf.load(PLAN, content.golden_paths(), REFERENCES)}


@cache
def shipped() -> frozenset[str]:
    """Entities that every platform has, so that golden paths may point to them."""
    found = content.entities(content.catalog(PLAN, REFERENCES))
    return frozenset(
        {ref(entity) for entity in found} | {f"template:default/{name}" for name in golden_paths()}
    )
