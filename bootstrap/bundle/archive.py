"""A bundle as one file: a tar of its part of the layout, its lock and its upstream manifests."""

from __future__ import annotations

import contextlib
import gzip
import re
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bootstrap.bundle import lock as locks
from bootstrap.bundle import process
from bootstrap.bundle.layout import Entry, Layout, descriptor, disk_trouble, index_of
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.savedimage import add_blob, add_bytes
from bootstrap.errors import IdpError

_LOCK = "lock.json"
_BLOB = re.compile(r"blobs/sha256/([0-9a-f]{64})")
_MANIFEST = re.compile(r"manifests/([0-9a-f]{64})/([A-Za-z0-9][A-Za-z0-9._-]*)")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def write(file: Path, lock: Lock, layout: Layout, manifests: Path) -> None:
    """Write the archive; an interrupted one leaves no file of that name. `.gz` and `.zst` compress."""
    entries = _entries(lock, layout)
    layout.verify(entries)
    part = file.with_name(f"{file.name}.part")
    try:
        with _compressing(part, file.suffix) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
            add_bytes(tar, _LOCK, locks.to_text(lock).encode())
            add_bytes(tar, "oci-layout", (layout.root / "oci-layout").read_bytes())
            add_bytes(tar, "index.json", index_of([descriptor(entry) for entry in entries]))
            for digest in sorted({d for entry in entries for d in layout.blobs(entry.digest)}):
                add_blob(tar, layout, digest)
            for wanted in lock.manifests:
                for source in sorted((manifests / wanted.sha256).iterdir()):
                    add_bytes(tar, f"manifests/{wanted.sha256}/{source.name}", source.read_bytes())
        part.replace(file)
    except OSError as error:
        raise disk_trouble(error, file.parent) from error
    finally:
        part.unlink(missing_ok=True)


def read(file: Path, layout: Layout, manifests: Path) -> Lock:
    """Take an archive in. Raises IDP-B003 (a blob was changed), IDP-B008 (no bundle, or not all of one)."""
    text = ""
    try:
        with _decompressing(file) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None:
                    continue
                if member.name == _LOCK:
                    text = content.read().decode()
                elif blob := _BLOB.fullmatch(member.name):
                    if not layout.has(f"sha256:{blob[1]}", member.size):
                        layout.write(content, expected=f"sha256:{blob[1]}")
                elif manifest := _MANIFEST.fullmatch(member.name):
                    folder = manifests / manifest[1]
                    folder.mkdir(parents=True, exist_ok=True)
                    (folder / manifest[2]).write_bytes(content.read())
    except (tarfile.TarError, EOFError, gzip.BadGzipFile) as error:
        raise _unreadable(file, str(error)) from error
    except FileNotFoundError as error:
        raise _unreadable(file, "there is no such file") from error
    if not text:
        raise _unreadable(file, "it holds no lock")
    lock = locks.from_text(text, str(file))
    _list_images(lock, layout, file)
    return lock


def _list_images(lock: Lock, layout: Layout, file: Path) -> None:
    """Record the locked images in the layout's index; only complete ones count."""
    for image in lock.images:
        with contextlib.suppress(OSError, KeyError, ValueError):
            manifest = layout.stored(image.digest)
            source = lock.source if not image.upstream else "registry"
            entry = layout.record(image.name, image.key, manifest, str(source))
            if layout.complete(entry):
                continue
        raise _unreadable(file, f"the image `{image.name}` is not complete in it")


def _entries(lock: Lock, layout: Layout) -> list[Entry]:
    by_key = {entry.key: entry for entry in layout.entries() if layout.complete(entry)}
    absent = [image.name for image in lock.images if image.key not in by_key]
    if absent:
        raise IdpError(
            "IDP-B008",
            "the bundle in the cache is not complete",
            f"missing: {', '.join(absent)}",
            f"idp bundle build --stack {lock.stack}",
        )
    return [by_key[image.key] for image in lock.images]


@contextmanager
def _compressing(file: Path, suffix: str) -> Iterator[IO[bytes]]:
    if suffix == ".gz":
        with gzip.open(file, "wb", compresslevel=1) as stream:
            yield stream  # type: ignore[misc]
    elif suffix == ".zst":
        _require_zstd(file)
        with process.writing(["zstd", "-q", "-f", "-T0", "-3", "-o", str(file), "-"]) as stream:
            yield stream
    else:
        with file.open("wb") as plain:
            yield plain


@contextmanager
def _decompressing(file: Path) -> Iterator[IO[bytes]]:
    with file.open("rb") as raw:
        head = raw.read(4)
        raw.seek(0)
        if head.startswith(_GZIP):
            with gzip.open(raw, "rb") as stream:
                yield stream  # type: ignore[misc]
        elif head == _ZSTD:
            _require_zstd(file)
            with process.reading(["zstd", "-q", "-d", "-c", str(file)]) as piped:
                yield piped
                while piped.read(1 << 20):  # the tar's padding
                    pass
        else:
            yield raw


def _require_zstd(file: Path) -> None:
    if not shutil.which("zstd"):
        raise IdpError(
            "IDP-X001",
            "the program `zstd` was not found",
            f"{file.name} is compressed with it",
            "install it (Debian: apt-get install zstd), or use a name that ends in .tar or .tar.gz",
        )


def _unreadable(file: Path, why: str) -> IdpError:
    return IdpError(
        "IDP-B008",
        f"{file} is not a bundle that idp can use",
        why,
        "make it again with `idp bundle export FILE`, or copy it again; then `idp bundle import FILE`",
    )
