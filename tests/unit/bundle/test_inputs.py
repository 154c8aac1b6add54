"""Keys: whatever decides an image changes its key, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrap.bundle import inputs
from bootstrap.bundle.recipes import Kitchen, Recipe, Role
from bootstrap.bundle.sources import Source
from bootstrap.errors import IdpError
from tests.unit.bundle.conftest import write_tree

PLATFORM = "linux/amd64"
FILES = {
    "images/debian/rootfs.sh": "#!/bin/sh\n",
    "images/debian/upstream.yaml": '"13": docker.io/library/debian:13\n',
    "images/golang/Dockerfile": "FROM idp.local/debian:13\n",
    "gitea/Dockerfile": "FROM idp.local/golang:1.26 AS build\nFROM idp.local/debian:13\n",
    "gitea/main.go": "package main\n",
    "gitea/.dockerignore": "*.md\n",
    "gitea/README.md": "hello\n",
}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return write_tree(tmp_path, FILES)


def kitchen(world: Path, target: str = "") -> Kitchen:
    recipe = Recipe("gitea", Role.PLATFORM, "quay.io/gitea:1", world / "gitea", target)
    return Kitchen([recipe], world / "images")


def keys(world: Path, source: Source = Source.PACKAGES, platform: str = PLATFORM) -> dict[str, str]:
    return inputs.keys(kitchen(world), source, platform)


def test_bases_come_first(world: Path) -> None:
    assert [r.name for r in kitchen(world).in_order] == ["debian:13", "golang:1.26", "gitea"]
    assert set(keys(world)) == {"debian:13", "golang:1.26", "gitea"}


CHANGES: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "a file": (lambda w: (w / "gitea/main.go").write_text("x"), {"gitea"}),
    "a new file": (lambda w: (w / "gitea/go.sum").write_text(""), {"gitea"}),
    "an ignored file": (lambda w: (w / "gitea/README.md").write_text("x"), set()),
    "the ignore file": (lambda w: (w / "gitea/.dockerignore").write_text(""), {"gitea"}),
    "an executable bit": (lambda w: (w / "gitea/main.go").chmod(0o755), {"gitea"}),
    "a time": (lambda w: (w / "gitea/main.go").touch(), set()),
    "a base": (
        lambda w: (w / "images/golang/Dockerfile").write_text("FROM idp.local/debian:13\nRUN true\n"),
        {"golang:1.26", "gitea"},
    ),
    "the first base": (
        lambda w: (w / "images/debian/rootfs.sh").write_text("x"),
        {"debian:13", "golang:1.26", "gitea"},
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_reaches_what_it_decides(name: str, world: Path) -> None:
    change, reached = CHANGES[name]
    before = keys(world)
    change(world)
    after = keys(world)
    assert {n for n in before if before[n] != after[n]} == reached


def test_the_platform_and_the_target_count(world: Path) -> None:
    assert keys(world)["gitea"] != keys(world, platform="linux/arm64")["gitea"]
    other = inputs.keys(kitchen(world, target="stage"), Source.PACKAGES, PLATFORM)
    assert keys(world)["gitea"] != other["gitea"]


def test_what_is_pulled_depends_on_its_reference_alone(world: Path) -> None:
    before = keys(world, Source.REGISTRY)["gitea"]
    (world / "gitea/main.go").write_text("x")
    assert keys(world, Source.REGISTRY)["gitea"] == before
    assert keys(world)["gitea"] != before


def test_links_are_hashed_as_links(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("x")
    (tmp_path / "link").symlink_to("folder")
    names = sorted(name for name, _ in inputs.context_files(tmp_path))
    assert names == ["folder/file", "link"]


def test_ignored_folders_are_not_entered(tmp_path: Path) -> None:
    write_tree(tmp_path, {".dockerignore": "**/node_modules\n", "a/node_modules/x": "x", "a/b": "b"})
    assert sorted(name for name, _ in inputs.context_files(tmp_path)) == [".dockerignore", "a/b"]


def test_an_unknown_base_is_named(tmp_path: Path) -> None:
    write_tree(tmp_path, {"x/Dockerfile": "FROM idp.local/nothing:1\n"})
    with pytest.raises(IdpError) as caught:
        inputs.keys(Kitchen([Recipe("x", Role.PLATFORM, "", tmp_path / "x")], tmp_path), Source.PACKAGES, "p")
    assert caught.value.code == "IDP-B012"
    assert "idp.local/nothing:1" in caught.value.what


def test_a_circle_is_named(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a/Dockerfile": "FROM idp.local/b\n", "b/Dockerfile": "FROM idp.local/a\n"})
    recipes = [Recipe(n, Role.PLATFORM, "", tmp_path / n) for n in ("a", "b")]
    with pytest.raises(IdpError) as caught:
        inputs.keys(Kitchen(recipes, tmp_path), Source.PACKAGES, "p")
    assert "a -> b -> a" in caught.value.what
