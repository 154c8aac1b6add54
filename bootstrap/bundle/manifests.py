"""Upstream YAML from Go modules: fetched once, checked by hash, kept in the cache."""

from __future__ import annotations

import fnmatch
import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO

from bootstrap.bundle import goproxy, places
from bootstrap.bundle.layout import mismatch
from bootstrap.errors import IdpError
from bootstrap.model import Manifests, Package, UpstreamManifests

_DEFAULT = ("*.yaml", "*.yml")


def missing(wanted: Iterable[UpstreamManifests]) -> list[UpstreamManifests]:
    return [m for m in dict.fromkeys(wanted) if not _folder(m).is_dir()]


def provide(wanted: UpstreamManifests, ask_golang: Callable[[], str] = lambda: "") -> None:
    """Fetch the files into the cache. Raises IDP-B010 (wrong hash), IDP-B014 (not to be had)."""
    with goproxy.fetch(wanted.module, wanted.version, goproxy.configured(ask_golang)) as archive:
        files = select(archive, wanted)
    store(files, wanted)


def store(files: Mapping[str, bytes], wanted: UpstreamManifests) -> None:
    """Keep files under their hash, if it is the wanted one."""
    found = content_hash(files)
    if found != wanted.sha256:
        error = mismatch(f"{wanted.module} {wanted.version} {wanted.path}", wanted.sha256, found)
        raise IdpError("IDP-B010", error.what, error.why, _pin(found))
    final = _folder(wanted)
    temporary = final.with_name(f"{final.name}.new")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, content in files.items():
        (temporary / name).write_bytes(content)
    temporary.rename(final)


def load(package: Package) -> Manifests:
    """File name -> text of a package's upstream manifests. Raises IDP-B007 where they were never fetched."""
    loaded: dict[str, str] = {}
    for wanted in package.upstream_manifests:
        folder = _folder(wanted)
        if not folder.is_dir():
            raise IdpError(
                "IDP-B007",
                f"the upstream manifests of `{package.name}` are not in the bundle",
                f"{wanted.module} {wanted.version} {wanted.path}",
                "idp bundle build",
            )
        loaded |= {file.name: file.read_text() for file in sorted(folder.iterdir())}
    return loaded


def select(archive: IO[bytes], wanted: UpstreamManifests) -> dict[str, bytes]:
    """The wanted files of a module's zip: those under `path`, or `path` itself, that `include` matches."""
    prefix = f"{wanted.module}@{wanted.version}/{wanted.path.strip('/')}"
    with zipfile.ZipFile(archive) as module:
        names = [name for name in module.namelist() if not name.endswith("/")]
        if prefix in names:
            return {prefix.rpartition("/")[2]: module.read(prefix)}
        inside = {n.removeprefix(f"{prefix}/"): n for n in names if n.startswith(f"{prefix}/")}
        chosen = {inner: full for inner, full in inside.items() if _is_included(inner, wanted.include)}
        files = {inner.replace("/", "-"): module.read(full) for inner, full in sorted(chosen.items())}
    if not files:
        raise IdpError(
            "IDP-B010",
            f"{wanted.module} {wanted.version} has no such files: {wanted.path}",
            f"looked for {', '.join(wanted.include or _DEFAULT)}",
            "correct `upstream_manifests` in the package.yaml that names it, then run `idp bundle build`",
        )
    return files


def content_hash(files: Mapping[str, bytes]) -> str:
    """A SHA-256 over the contents, one after the other in the order of their names."""
    return hashlib.sha256(b"".join(files[name] for name in sorted(files))).hexdigest()


def _is_included(name: str, patterns: tuple[str, ...]) -> bool:
    """Without patterns: the YAML files right in the folder."""
    if not patterns:
        return "/" not in name and any(fnmatch.fnmatchcase(name, pattern) for pattern in _DEFAULT)
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _folder(wanted: UpstreamManifests) -> Path:
    return places.manifests() / wanted.sha256


def _pin(found: str) -> str:
    return f"if the new content is wanted, write `sha256: {found}` into the package.yaml that names it"
