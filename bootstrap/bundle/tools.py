"""Unpack the command-line tools from their image into the tools folder."""

from __future__ import annotations

import contextlib
import shutil
import tarfile
from pathlib import Path

from bootstrap.bundle.layout import Layout
from bootstrap.bundle.lock import LockedImage

_MARK = ".digest"


def present(image: LockedImage, folder: Path) -> bool:
    mark = folder / _MARK
    return mark.is_file() and mark.read_text() == image.digest


def unpack(image: LockedImage, layout: Layout, folder: Path) -> None:
    """Put the image's files in the place of `folder`; running tools of the old one go on undisturbed."""
    new, old = folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    new.mkdir(parents=True)
    _, *layers = layout.parts(image.digest)
    for layer in layers:
        with tarfile.open(layout.path(layer.digest)) as tar:
            # Python has filters since 3.11.4, and Debian 12 ships 3.11.2; the layer is checked by digest.
            tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
            tar.extractall(new)  # noqa: S202
    (new / _MARK).write_text(image.digest)
    with contextlib.suppress(FileNotFoundError):
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
