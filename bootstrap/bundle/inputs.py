"""The key of an image: a hash over all that decides its content, and over nothing of the host. Pure."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from bootstrap.bundle.dockerfile import Ignored
from bootstrap.bundle.recipes import Kitchen, Recipe
from bootstrap.bundle.sources import Source

#: Changes whenever the way of building changes what comes out, so that everything is built anew.
FORMAT = "1"


def key(recipe: Recipe, source: Source, platform: str, context: str, base_keys: Mapping[str, str]) -> str:
    """A SHA-256 in hexadecimal, of the context's hash and the keys of the bases that a build starts from."""
    if is_pulled(recipe, source):
        return _digest("pull", FORMAT, platform, recipe.upstream)
    bases = [f"{name}={base_keys[name]}" for name in sorted(base_keys)]
    arguments = [f"{name}={value}" for name, value in recipe.arguments]
    return _digest("build", FORMAT, platform, recipe.target, recipe.tag, context, *arguments, *bases)


def is_pulled(recipe: Recipe, source: Source) -> bool:
    """Does this image come from its upstream registry, given where the user sits?"""
    return bool(recipe.upstream) and source is Source.REGISTRY


def keys(kitchen: Kitchen, source: Source, platform: str) -> dict[str, str]:
    """The key of every recipe and of every base that it needs, by recipe name."""
    found: dict[str, str] = {}
    hash_once = cache(context_hash)
    for recipe in kitchen.in_order:
        context = hash_once(recipe.context) if recipe.context and not is_pulled(recipe, source) else ""
        bases = {ref: found[kitchen.base(ref).name] for ref in recipe.bases}
        found[recipe.name] = key(recipe, source, platform, context, bases)
    return found


def context_hash(folder: Path) -> str:
    """A hash over names, contents and executable bits of what the engine would be sent."""
    digest = hashlib.sha256()
    for name, path in sorted(context_files(folder)):
        kind, content = _content(path)
        digest.update(f"{name}\0{kind}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def context_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Relative name and path of every file of a build context that `.dockerignore` leaves in."""
    rules = folder / ".dockerignore"
    ignored = Ignored(rules.read_text() if rules.is_file() else "")
    for current, folders, files in os.walk(folder):
        here = Path(current)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [name for name in folders if name not in links]
        if ignored.prunes:
            folders[:] = [n for n in folders if not ignored((here / n).relative_to(folder).as_posix())]
        for file in (*files, *links):
            name = (here / file).relative_to(folder).as_posix()
            if name in ("Dockerfile", ".dockerignore") or not ignored(name):
                yield name, here / file


def _content(path: Path) -> tuple[str, bytes]:
    if path.is_symlink():
        return "link", os.readlink(path).encode()
    kind = "executable" if os.access(path, os.X_OK) else "file"
    return kind, path.read_bytes()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
