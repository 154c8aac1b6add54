"""What the catalogue would otherwise refuse, or show wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ENTITIES: list[dict[str, Any]] = [e for e in yaml.safe_load_all((ROOT / "catalog-info.yaml").read_text()) if e]
REFERENCE = re.compile(r"^[a-z]+:[a-z0-9-]+/[A-Za-z0-9._-]+$")


def named(entity: dict[str, Any]) -> str:
    return f"{entity['kind']} {entity['metadata']['name']}"


@pytest.mark.parametrize("entity", ENTITIES, ids=named)
def test_somebody_answers_for_it(entity: dict[str, Any]) -> None:
    assert REFERENCE.match(entity["spec"]["owner"])
    assert entity["metadata"]["description"]


@pytest.mark.parametrize("entity", ENTITIES, ids=named)
def test_links_lead_out(entity: dict[str, Any]) -> None:
    for link in entity["metadata"].get("links", []):
        assert re.match(r"(https?|idp)://", link["url"])
        assert link["title"]


@pytest.mark.parametrize("entity", ENTITIES, ids=named)
def test_relations_are_full_references(entity: dict[str, Any]) -> None:
    for key in ("dependsOn", "dependencyOf", "consumesApis", "providesApis"):
        for other in entity["spec"].get(key, []):
            assert REFERENCE.match(other), f"{key}: write it as kind:namespace/name"


def test_it_does_not_depend_on_itself() -> None:
    for entity in ENTITIES:
        own = f"{entity['kind'].lower()}:default/{entity['metadata']['name']}"
        assert own not in [*entity["spec"].get("dependsOn", []), *entity["spec"].get("dependencyOf", [])]


def test_an_api_is_described() -> None:
    apis = [e for e in ENTITIES if e["kind"] == "API"]
    for api in apis:
        described = yaml.safe_load((ROOT / api["spec"]["definition"]["$text"]).read_text())
        assert described.get("openapi") or described.get("swagger")
        assert described["info"]["title"]
        assert "paths" in described
    assert (ROOT / "openapi.yaml").exists() is bool(apis)


def test_every_page_is_listed() -> None:
    listed = {file for page in yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"] for file in page.values()}
    assert listed == {file.relative_to(ROOT / "docs").as_posix() for file in (ROOT / "docs").rglob("*.md")}
