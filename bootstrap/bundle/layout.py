"""The OCI image layout that holds every image of a bundle: blobs by digest, and an index of images."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bootstrap.errors import IdpError

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
#: The configuration of what is no image: `{}`.
EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
_LAYOUT_FILE = '{"imageLayoutVersion": "1.0.0"}'
_CHUNK = 1 << 20

NAME, KEY, SOURCE, CONTENT = "dev.idp.name", "dev.idp.key", "dev.idp.source", "dev.idp.content"


@dataclass(frozen=True)
class Blob:
    """A stored object: its digest, size in bytes and first bytes."""

    digest: str
    size: int
    head: bytes = b""


@dataclass(frozen=True)
class Entry:
    """An image of the index: `key` says what it was made from, `content` is the size of all its blobs."""

    name: str
    key: str
    digest: str
    size: int
    media_type: str
    source: str
    content: int


class Layout:
    """A folder in the OCI image layout format. Every write is atomic, so an interruption leaves it valid."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._blobs = root / "blobs" / "sha256"
        self._lock = threading.Lock()

    def create(self) -> Layout:
        self._blobs.mkdir(parents=True, exist_ok=True)
        if not (self.root / "oci-layout").exists():
            _replace(self.root / "oci-layout", _LAYOUT_FILE)
            _replace(self.root / "index.json", _index([]))
        for leftover in self._blobs.glob("*.part*"):
            leftover.unlink(missing_ok=True)
        return self

    def path(self, digest: str) -> Path:
        return self._blobs / digest.removeprefix("sha256:")

    def has(self, digest: str, size: int | None = None) -> bool:
        """Is the blob there, with that size? A wrong size means a damaged disk, not an interruption."""
        try:
            found = self.path(digest).stat().st_size
        except OSError:
            return False
        return size is None or found == size

    def stored(self, digest: str) -> Blob:
        """A blob that is here; FileNotFoundError if it is not."""
        return Blob(digest, self.path(digest).stat().st_size)

    def write(self, stream: IO[bytes] | Iterable[bytes], expected: str = "") -> Blob:
        """Store a stream under its digest. Raises IDP-B003 if that is not the `expected` one."""
        digest, size, head = hashlib.sha256(), 0, b""
        part = self._blobs / f"{threading.get_ident()}-{os.getpid()}.part"
        try:
            with part.open("wb") as file:
                for chunk in _chunks(stream):
                    head = head or chunk[:4]
                    digest.update(chunk)
                    file.write(chunk)
                    size += len(chunk)
            found = f"sha256:{digest.hexdigest()}"
            if expected and found != expected:
                raise mismatch("a blob", expected, found)
            part.replace(self.path(found))
        except OSError as error:
            raise disk_trouble(error, self.root) from error
        finally:
            part.unlink(missing_ok=True)
        return Blob(found, size, head)

    def write_json(self, content: Any) -> Blob:
        return self.write([canonical(content)])

    def read_json(self, digest: str) -> Any:
        return json.loads(self.path(digest).read_bytes())

    def add_manifest(self, config: Blob, layers: Iterable[Blob]) -> Blob:
        """Write the manifest of an image whose blobs are here; the same blobs give the same digest."""
        return self.write_json(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST_TYPE,
                "config": {"mediaType": CONFIG_TYPE, "digest": config.digest, "size": config.size},
                "layers": [
                    {"mediaType": layer_type(b.head), "digest": b.digest, "size": b.size} for b in layers
                ],
            }
        )

    def parts(self, digest: str) -> list[Blob]:
        """Config and layers of an image, as its manifest lists them."""
        manifest = self.read_json(digest)
        return [Blob(d["digest"], d["size"]) for d in [manifest["config"], *manifest["layers"]]]

    def complete(self, entry: Entry) -> bool:
        """Are the manifest and all blobs of the image here? Sizes only: digests were checked when written."""
        if not self.has(entry.digest, entry.size):
            return False
        return all(self.has(blob.digest, blob.size) for blob in self.parts(entry.digest))

    def entries(self) -> list[Entry]:
        index = json.loads((self.root / "index.json").read_text())
        return [_entry(descriptor) for descriptor in index["manifests"]]

    def find(self, key: str) -> Entry | None:
        """The complete image that was made from these inputs."""
        return next((e for e in self.entries() if e.key == key and self.complete(e)), None)

    def record(self, name: str, key: str, manifest: Blob, source: str) -> Entry:
        """List an image under its key, in the place of an earlier one with the same key."""
        media_type = self.read_json(manifest.digest).get("mediaType", MANIFEST_TYPE)
        content = manifest.size + sum(blob.size for blob in self.parts(manifest.digest))
        entry = Entry(name, key, manifest.digest, manifest.size, media_type, source, content)
        with self._lock:
            kept = [e for e in self.entries() if e.key != key]
            self._list([*kept, entry])
        return entry

    def keep(self, digests: set[str]) -> int:
        """Drop all images but these, and the blobs that only they used. Returns the bytes freed.

        What refers to an image, such as its bill of materials, stays and goes with it.
        """
        with self._lock:
            kept = [e for e in self.entries() if e.digest in digests or self._subject(e) in digests]
            self._list(kept)
        used = {blob.digest for e in kept for blob in (Blob(e.digest, 0), *self.parts(e.digest))}
        freed = 0
        for file in self._blobs.iterdir():
            if f"sha256:{file.name}" not in used:
                freed += file.stat().st_size
                file.unlink()
        return freed

    def _subject(self, entry: Entry) -> str:
        """What an artifact refers to; empty for an image."""
        if not self.has(entry.digest, entry.size):
            return ""
        return str(self.read_json(entry.digest).get("subject", {}).get("digest", ""))

    def verify(self, entries: Iterable[Entry]) -> None:
        """Read every blob of these images and check its digest. Raises IDP-B003."""
        for digest in sorted({d for e in entries for d in self.blobs(e.digest)}):
            with self.path(digest).open("rb") as file:
                found = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
            if found != digest:
                raise mismatch(str(self.path(digest)), digest, found)

    def blobs(self, digest: str) -> list[str]:
        """Digests of an image: its manifest, its config, its layers."""
        return [digest, *(blob.digest for blob in self.parts(digest))]

    def _list(self, entries: list[Entry]) -> None:
        _replace(self.root / "index.json", _index([descriptor(e) for e in entries]))


def descriptor(entry: Entry, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    """The entry as an index lists it."""
    ours = {NAME: entry.name, KEY: entry.key, SOURCE: entry.source, CONTENT: str(entry.content)}
    return {
        "mediaType": entry.media_type,
        "digest": entry.digest,
        "size": entry.size,
        "annotations": {**ours, **(annotations or {})},
    }


def index_of(descriptors: list[dict[str, Any]]) -> bytes:
    return _index(descriptors).encode()


def layer_type(head: bytes) -> str:
    """The media type of a layer, by its first bytes: engines do not always say."""
    if head.startswith(b"\x1f\x8b"):
        return f"{LAYER_TYPE}+gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return f"{LAYER_TYPE}+zstd"
    return LAYER_TYPE


def canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def mismatch(what: str, expected: str, found: str) -> IdpError:
    return IdpError(
        "IDP-B003",
        f"{what} does not have the expected digest",
        f"expected {expected}, found {found}",
        "run `idp bundle build` again; if it happens again, the upstream or the disk has changed it",
    )


def disk_trouble(error: OSError, folder: Path) -> IdpError:
    """An error of the disk in words; how much is free says more than the errno."""
    try:
        free = shutil.disk_usage(folder).free / 2**30
    except OSError:
        free = 0.0
    return IdpError(
        "IDP-B004",
        f"cannot write to {folder}: {error.strerror or error}",
        f"{free:.1f} GiB are free there",
        "make room, or name another folder in IDP_CACHE_DIR; then run `idp bundle build`, it continues",
    )


def _entry(found: dict[str, Any]) -> Entry:
    notes = found.get("annotations", {})
    return Entry(
        notes.get(NAME, ""),
        notes.get(KEY, ""),
        found["digest"],
        found["size"],
        found["mediaType"],
        notes.get(SOURCE, ""),
        int(notes.get(CONTENT, 0)),
    )


def _index(descriptors: list[dict[str, Any]]) -> str:
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": descriptors}, indent=1)


def _chunks(stream: IO[bytes] | Iterable[bytes]) -> Iterator[bytes]:
    if hasattr(stream, "read"):
        while chunk := stream.read(_CHUNK):
            yield chunk
    else:
        yield from stream


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.part{os.getpid()}")
    try:
        temporary.write_text(text)
        temporary.replace(path)
    except OSError as error:
        raise disk_trouble(error, path.parent) from error
