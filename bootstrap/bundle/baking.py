"""Build images from their Dockerfiles: one bake file for all, one log for each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bootstrap import shell
from bootstrap.bundle import engine
from bootstrap.bundle.hostconfig import secret_variable
from bootstrap.bundle.recipes import Kitchen, Recipe, Role
from bootstrap.bundle.work import tag
from bootstrap.errors import IdpError

#: The same inputs give the same digest, as no time of building gets into an image's config.
SOURCE_DATE_EPOCH = "1735689600"
_FAILED_STEP = re.compile(r"^ > (\[[^\]]*\].*?):?$", re.MULTILINE)
_LOG_LINES = 25


@dataclass(frozen=True)
class Host:
    """What builds share of this host: a file of certificates, secrets by id, proxies by variable."""

    ca: Path
    secrets: Mapping[str, str] = field(repr=False)
    proxies: Mapping[str, str] = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the bake file refers to; they hold what must not be written down."""
        return {**self.proxies, **{secret_variable(name): text for name, text in self.secrets.items()}}


def bake_file(
    kitchen: Kitchen, keys: Mapping[str, str], host: Host, stages: Mapping[str, Path] | None = None
) -> dict[str, Any]:
    """A definition for `docker buildx bake` with a target per image. It holds no secret and no proxy.

    `stages` are folders that stand in for stages of the tools' Dockerfile.
    """
    recipes = [recipe for recipe in kitchen.in_order if recipe.dockerfile]
    variables = {name: {"default": ""} for name in sorted(host.proxies)}
    return {
        **({"variable": variables} if variables else {}),
        "target": {target_name(r): _target(r, kitchen, keys, host, stages or {}) for r in recipes},
    }


def target_name(recipe: Recipe) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", recipe.name)


def build(recipe: Recipe, file: Path, log: Path, host: Host) -> None:
    """Build one target of the bake file. Raises IDP-B002 with the failed step, or IDP-B004 (disk full)."""
    code = engine.bake(file, target_name(recipe), log, host.environment)
    if code:
        raise failure(recipe, log, code)


def failure(recipe: Recipe, log: Path, code: int) -> IdpError:
    """What went wrong in a build, from its log."""
    text = log.read_text(errors="replace") if log.is_file() else ""
    last = shell.tail(text, _LOG_LINES)
    if "no space left on device" in text:
        return IdpError(
            "IDP-B004",
            f"the disk filled up while `{recipe.name}` was built",
            last,
            "make room, then run `idp bundle build` again; it continues",
        )
    steps = _FAILED_STEP.findall(text)
    where = f"at the step {steps[-1]}" if steps else f"with exit code {code}"
    return IdpError(
        "IDP-B002",
        f"building the image `{recipe.name}` failed {where}",
        f"{last}\n\nThe whole log: {log}",
        "run `idp bundle build` again; it continues with this image",
    )


def write(definition: Mapping[str, Any], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(definition, indent=1))


def _target(
    recipe: Recipe, kitchen: Kitchen, keys: Mapping[str, str], host: Host, stages: Mapping[str, Path]
) -> dict[str, Any]:
    bases = {ref: kitchen.base(ref) for ref in recipe.bases}
    replaced = {name: str(folder) for name, folder in stages.items() if recipe.role is Role.TOOLS}
    return {
        "context": str(recipe.context),
        **({"target": recipe.target} if recipe.target else {}),
        "tags": [tag(recipe, keys[recipe.name])],
        # FROM names a base; this says which one, by what it was made from.
        "contexts": {
            **{ref: f"docker-image://{tag(base, keys[base.name])}" for ref, base in bases.items()},
            **replaced,
        },
        # A proxy or a registry mirror on this host's loopback is only seen from its own network.
        "network": "host",
        "args": {
            "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH,
            **dict(recipe.arguments),
            **{name: f"${{{name}}}" for name in sorted(host.proxies)},
        },
        "secret": [
            f"id=ca,src={host.ca}",
            *(f"id={name},env={secret_variable(name)}" for name in sorted(host.secrets)),
        ],
        "output": ["type=docker"],
    }
