"""What is left to do, given what is there: cases over one small world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bootstrap.bundle import work
from bootstrap.bundle.recipes import Kitchen, Recipe, Role
from bootstrap.bundle.sources import Source
from bootstrap.errors import IdpError
from tests.unit.bundle.conftest import cases, write_tree


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    write_tree(
        tmp_path,
        {
            "images/debian/rootfs.sh": "",
            "images/debian/upstream.yaml": '"13": docker.io/library/debian:13\n',
            "images/golang/Dockerfile": "FROM idp.local/debian:13\n",
            "gitea/Dockerfile": "FROM idp.local/golang:1\nFROM idp.local/debian:13\n",
            "own/Dockerfile": "FROM idp.local/debian:13\n",
            "node/Dockerfile": "FROM idp.local/debian:13\n",
        },
    )
    recipes = [
        Recipe("gitea", Role.PLATFORM, "quay.io/gitea:1", tmp_path / "gitea"),
        Recipe("own", Role.PLATFORM, "", tmp_path / "own"),
        Recipe("node", Role.NODE, "docker.io/kindest/node:1", tmp_path / "node"),
    ]
    return Kitchen(recipes, tmp_path / "images")


@pytest.mark.parametrize("case", cases("work"))
def test_left(case: dict[str, Any], kitchen: Kitchen) -> None:
    keys = {recipe.name: recipe.name for recipe in kitchen.in_order}
    recipes = {recipe.name: recipe for recipe in kitchen.in_order}
    tags = [work.tag(recipes[name], name) for name in case.get("engine", [])]
    tasks = work.left(kitchen, keys, Source(case["source"]), case.get("stored", []), tags)
    assert [f"{t.recipe.name}: {', '.join(t.actions)}" for t in tasks] == case["left"]
    assert {t.recipe.name: list(t.after) for t in tasks if t.after} == case.get("after", {})


def test_what_cannot_be_had_is_named_all_at_once(tmp_path: Path) -> None:
    recipes = [Recipe(n, Role.PLATFORM, "quay.io/x:1", tmp_path / n) for n in ("a", "b")]
    with pytest.raises(IdpError) as caught:
        work.left(Kitchen(recipes, tmp_path), {"a": "a", "b": "b"}, Source.PACKAGES, [], [])
    assert caught.value.code == "IDP-B013"
    assert len(caught.value.faults) == 2
    assert work.left(Kitchen(recipes, tmp_path), {"a": "a", "b": "b"}, Source.REGISTRY, [], [])


def test_tags_say_what_an_image_was_made_from() -> None:
    key = "0123456789abcdef"
    assert work.tag(Recipe("gitea", Role.PLATFORM), key) == "idp.local/gitea:0123456789ab"
    assert work.tag_of("gitea", key) == "idp.local/gitea:0123456789ab"
    assert work.tag(Recipe("debian:13", Role.BASE, tag="13"), key) == "idp.local/debian:13-0123456789ab"


@pytest.mark.parametrize("host", ["linux", "darwin"])
def test_an_image_may_take_tools_along_but_only_those_that_run_in_it(host: str, tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {"infra/Dockerfile": "COPY --from=idp.local/tools:1 /bin/a /\n", "images/tools/Dockerfile": ""},
    )
    arguments = () if host == "linux" else (("GOOS", host),)
    tools = Recipe("tools", Role.TOOLS, context=tmp_path / "images" / "tools", arguments=arguments)
    kitchen = Kitchen([Recipe("infra", Role.PLATFORM, "", tmp_path / "infra"), tools], tmp_path / "images")
    found = kitchen.base("idp.local/tools:1")
    assert found.arguments == ()
    assert (found is tools) is (host == "linux")
