"""Between an engine's image tar and the layout.

Engines from 25 on save OCI layouts, older ones a format of their own; both carry a `manifest.json` that
names config and layers, and nothing else is used. So an image has the same digest whichever saved it.
"""

from __future__ import annotations

import io
import json
import posixpath
import tarfile
from collections.abc import Iterable
from typing import IO, Any

from bootstrap.bundle.layout import Blob, Layout

_BLOBS = "blobs/sha256/"


def take_in(stream: IO[bytes], layout: Layout) -> Blob:
    """Store the one image of a tar in the layout; returns its manifest."""
    found: dict[str, Blob] = {}
    links: dict[str, str] = {}
    listing: list[dict[str, Any]] = []
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            if member.issym() or member.islnk():
                links[member.name] = _target(member)
            content = tar.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            if member.name == "manifest.json":
                listing = json.load(content)
            elif _carries_blob(member.name):
                found[member.name] = _store(member, content, layout)
    while stream.read(1 << 20):  # the engine's padding: a closed pipe would look like a failure
        pass
    image = listing[0]

    def blob(name: str) -> Blob:
        return found[links.get(name, name)]

    return layout.add_manifest(blob(image["Config"]), [blob(name) for name in image["Layers"]])


def give_out(stream: IO[bytes], layout: Layout, digest: str, names: Iterable[str]) -> None:
    """Write an image of the layout as a tar that every engine loads, known by `names`."""
    config, *layers = layout.parts(digest)
    listing = [
        {
            "Config": _name(config.digest),
            "RepoTags": list(names),
            "Layers": [_name(layer.digest) for layer in layers],
        }
    ]
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for part in dict.fromkeys(blob.digest for blob in (config, *layers)):
            add_blob(tar, layout, part)
        add_bytes(tar, "manifest.json", json.dumps(listing).encode())


def add_blob(tar: tarfile.TarFile, layout: Layout, digest: str) -> None:
    path = layout.path(digest)
    member = tarfile.TarInfo(_name(digest))
    member.size = path.stat().st_size
    member.mode = 0o644
    with path.open("rb") as file:
        tar.addfile(member, file)


def add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o644
    tar.addfile(member, io.BytesIO(content))


def _store(member: tarfile.TarInfo, content: IO[bytes], layout: Layout) -> Blob:
    digest = f"sha256:{member.name.removeprefix(_BLOBS)}" if member.name.startswith(_BLOBS) else ""
    if digest and layout.has(digest, member.size):
        return Blob(digest, member.size, content.read(4))
    return layout.write(content, expected=digest)


def _carries_blob(name: str) -> bool:
    """Layers and configs of either format; the older one repeats each layer's config, which is not needed."""
    if name.startswith(_BLOBS):
        return True
    return name.endswith("/layer.tar") or (name.endswith(".json") and "/" not in name)


def _target(member: tarfile.TarInfo) -> str:
    folder = posixpath.dirname(member.name) if member.issym() else ""
    return posixpath.normpath(posixpath.join(folder, member.linkname))


def _name(digest: str) -> str:
    return f"{_BLOBS}{digest.removeprefix('sha256:')}"
