"""Everything that a bundle must hold: the plan's images, those of the cluster, the tools, their bases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from bootstrap.bundle import dockerfile
from bootstrap.bundle.references import parse
from bootstrap.errors import IdpError
from bootstrap.model import Image


class Role(StrEnum):
    """What an image is for, and so where it goes."""

    PLATFORM = "platform"  # containerd knows it by digest
    CLUSTER = "cluster"  # containerd knows it by its upstream name
    NODE = "node"  # the container engine runs it
    TOOLS = "tools"  # unpacked into the tools folder
    BASE = "base"  # built upon, never shipped


@dataclass(frozen=True)
class Recipe:
    """An image and the ways to get it: an upstream reference, a folder with a Dockerfile, or both."""

    name: str
    role: Role
    upstream: str = ""
    context: Path | None = None
    target: str = ""
    known_as: str = ""
    tag: str = ""
    arguments: tuple[tuple[str, str], ...] = ()

    @property
    def dockerfile(self) -> Path | None:
        """Its Dockerfile, unless the image only comes from upstream or is made by a script."""
        file = self.context / "Dockerfile" if self.context else None
        return file if file and file.is_file() else None

    @property
    def script(self) -> Path | None:
        """`rootfs.sh` of a base image that starts from packages instead of another image."""
        file = self.context / "rootfs.sh" if self.context else None
        return file if file and file.is_file() else None

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """References in the Dockerfile to images that this project makes."""
        return dockerfile.bases(self.dockerfile.read_text()) if self.dockerfile else ()


def of_images(images: Iterable[Image]) -> list[Recipe]:
    """Recipes of the platform's images; the same image in two packages is one."""
    recipes = {
        i.name: Recipe(
            i.name, Role.CLUSTER if i.known_as else Role.PLATFORM, i.upstream, i.context, i.target, i.known_as
        )
        for i in images
    }
    return list(recipes.values())


def of_cluster(file: Path, upstream_node: bool) -> list[Recipe]:
    """Recipes of an `images.yaml`: the node, and what Kubernetes runs in it under upstream's names.

    The upstream node image brings its components along in its own store.
    """
    if not file.is_file():
        return []
    content: dict[str, Any] = yaml.safe_load(file.read_text())
    node = _cluster_image("node", content["node"], file.parent, Role.NODE)
    components = [
        _cluster_image(name, entry, file.parent, Role.CLUSTER)
        for name, entry in content.get("components", {}).items()
    ]
    return [node] if upstream_node and node.upstream else [node, *components]


def _cluster_image(name: str, entry: dict[str, Any], folder: Path, role: Role) -> Recipe:
    return Recipe(
        name,
        role,
        upstream=entry.get("upstream", ""),
        context=(folder / entry["build"]).resolve() if "build" in entry else None,
        target=entry.get("target", ""),
        known_as=entry.get("reference", ""),
    )


def of_tools(folder: Path, host: str) -> list[Recipe]:
    """The command-line tools of this host (such as `linux-amd64`), built like an image, unpacked from it."""
    if not (folder / "Dockerfile").is_file():
        return []
    system, _, architecture = host.partition("-")
    # Go builds for the machine that it runs on unless it is told otherwise.
    arguments = () if system == "linux" else (("GOOS", system), ("GOARCH", architecture))
    return [Recipe("tools", Role.TOOLS, context=folder, arguments=arguments)]


class Kitchen:
    """Finds the recipe behind an `idp.local/NAME:TAG` in a Dockerfile.

    It is another image of the bundle, or a base image in `folder`.
    """

    def __init__(self, recipes: Iterable[Recipe], folder: Path) -> None:
        self.recipes = list(recipes)
        self._named = {r.name: r for r in self.recipes}
        self._folder = folder

    def base(self, reference: str) -> Recipe:
        """Raises IDP-B012 where neither an image nor a base folder has that name."""
        parsed = parse(reference)
        known = self._named.get(parsed.name)
        # Tools for a host that is not Linux are no use inside an image; those are built apart.
        if known and not (known.role is Role.TOOLS and known.arguments):
            return known
        context = self._folder / parsed.name
        if not context.is_dir():
            raise IdpError(
                "IDP-B012",
                f"`{reference}` is neither an image of this stack nor a base image",
                f"a Dockerfile builds upon it, but {context} does not exist",
                "correct the FROM line, then run `idp bundle build`",
            )
        return Recipe(
            f"{parsed.name}:{parsed.tag}",
            Role.BASE,
            upstream=_upstream_of_base(context, parsed.tag),
            context=context,
            tag=parsed.tag,
        )

    @cached_property
    def in_order(self) -> list[Recipe]:
        """All recipes and their bases, each after what it builds upon. Raises IDP-B012 on a circle."""
        ordered: dict[str, Recipe] = {}

        def place(recipe: Recipe, path: tuple[str, ...]) -> None:
            if recipe.name in path:
                circle = " -> ".join((*path, recipe.name))
                raise IdpError(
                    "IDP-B012", f"images build upon each other in a circle: {circle}", fix="idp bundle build"
                )
            for reference in recipe.bases:
                place(self.base(reference), (*path, recipe.name))
            ordered.setdefault(recipe.name, recipe)

        for recipe in self.recipes:
            place(recipe, ())
        return list(ordered.values())


@cache
def _upstream_of_base(context: Path, tag: str) -> str:
    file = context / "upstream.yaml"
    return str((yaml.safe_load(file.read_text()) or {}).get(tag, "")) if file.is_file() else ""
