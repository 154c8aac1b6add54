"""Components in the layers of an image: each layer read once as a stream, then laid upon each other."""

from __future__ import annotations

import fnmatch
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bootstrap.bundle import process
from bootstrap.bundle.sbom import parse
from bootstrap.bundle.sbom.component import Component
from bootstrap.errors import IdpError

_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"
_ELF, _ZSTD = b"\x7fELF", b"\x28\xb5\x2f\xfd"
#: Bytes; what calls itself metadata and is larger is not read.
_METADATA_LIMIT = 64 << 20
_PATTERNS: tuple[tuple[str, Callable[[bytes], list[Component]]], ...] = (
    ("var/lib/dpkg/status", parse.debian),
    ("var/lib/dpkg/status.d/*", parse.debian),
    ("*.dist-info/METADATA", parse.python),
)


@dataclass
class Layer:
    """What a layer holds and what it hides of those below: paths without a leading slash."""

    found: dict[str, tuple[Component, ...]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    emptied: set[str] = field(default_factory=set)


def merge(layers: Iterable[Layer]) -> list[Component]:
    """Components that the image shows, its layers from the lowest to the highest; each once, sorted."""
    seen: dict[str, tuple[Component, ...]] = {}
    for layer in layers:
        gone = layer.removed | layer.files
        seen = {
            path: components
            for path, components in seen.items()
            if gone.isdisjoint(parents := _with_parents(path)) and layer.emptied.isdisjoint(parents[1:])
        }
        seen |= layer.found
    return sorted({component for components in seen.values() for component in components})


def layer(file: Path) -> Layer:
    """Read one layer, plain or compressed. Raises IDP-B021 where it is not a tar."""
    try:
        with file.open("rb") as opened:
            compressed = opened.read(4) == _ZSTD
        if compressed:
            with process.reading(["zstd", "-q", "-d", "-c", str(file)]) as stream:
                found = _read(stream)
                while stream.read(1 << 20):  # the tar's padding
                    pass
                return found
        with tarfile.open(file, "r:*") as tar:
            return _members(tar)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise IdpError(
            "IDP-B021",
            f"the layer {file.name[:12]} cannot be read",
            str(error),
            "idp bundle build   # it fetches or builds what is damaged again",
        ) from error


def _read(stream: IO[bytes]) -> Layer:
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        return _members(tar)


def _members(tar: tarfile.TarFile) -> Layer:
    result = Layer()
    for member in tar:
        path = _normal(member.name)
        folder, _, name = path.rpartition("/")
        if name == _OPAQUE:
            result.emptied.add(folder)
        elif name.startswith(_WHITEOUT):
            result.removed.add(f"{folder}/{name.removeprefix(_WHITEOUT)}".lstrip("/"))
        elif not member.isdir():
            result.files.add(path)
            if member.isreg() and (components := _components(tar, member, path)):
                result.found[path] = tuple(components)
        tar.members = []  # type: ignore[attr-defined]  # nothing is looked up again, and layers have many members
    return result


def _components(tar: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> list[Component]:
    reader = _reader(path)
    if reader and member.size <= _METADATA_LIMIT:
        return reader(_content(tar, member))
    if member.mode & 0o111 and (stream := tar.extractfile(member)):
        head = stream.read(4)
        if head == _ELF:
            return parse.go(head + stream.read())
    return []


def _reader(path: str) -> Callable[[bytes], list[Component]] | None:
    if path.endswith("/package.json"):
        return parse.npm if _is_npm(path) else None
    return next((read for pattern, read in _PATTERNS if fnmatch.fnmatchcase(path, pattern)), None)


def _is_npm(path: str) -> bool:
    """Is it `node_modules/NAME/package.json`, or with a scope? Deeper ones only say how to load files."""
    *_, before, scope, _name, _file = ["", "", *path.split("/")]
    return scope == "node_modules" or (before == "node_modules" and scope.startswith("@"))


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(member)
    return stream.read() if stream else b""


def _normal(name: str) -> str:
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _with_parents(path: str) -> list[str]:
    """The path, and every folder that it lies in, the root as an empty text."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts), -1, -1)]
