"""Bills of materials in the layout: each made once per image, kept as an artifact that refers to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bootstrap.bundle.layout import EMPTY_TYPE, MANIFEST_TYPE, Blob, Entry, Layout
from bootstrap.bundle.sbom import scan
from bootstrap.bundle.sbom.document import MEDIA_TYPE, VERSION, document
from bootstrap.progress import Step


def provide(layout: Layout, images: Mapping[str, str], step: Step) -> dict[str, Entry]:
    """The bills of images (name -> digest), by name; those that are there are not made again.

    Layers that images share are read once. Raises IDP-B021 where a layer cannot be read.
    """
    missing = {name: digest for name, digest in images.items() if not layout.find(_key(digest))}
    layers: dict[str, scan.Layer] = {}
    for number, (name, digest) in enumerate(sorted(missing.items()), start=1):
        step.note(f"read {name}, {number} of {len(missing)}")
        wanted = [blob.digest for blob in layout.parts(digest)[1:]]
        for each in wanted:
            if each not in layers:
                layers[each] = scan.layer(layout.path(each))
        _keep(layout, name, digest, (layers[each] for each in wanted))
    found = {name: layout.find(_key(digest)) for name, digest in images.items()}
    return {name: entry for name, entry in found.items() if entry}


def read(layout: Layout, entry: Entry) -> dict[str, Any]:
    """The document of an entry."""
    content: dict[str, Any] = layout.read_json(layout.parts(entry.digest)[1].digest)
    return content


def _keep(layout: Layout, name: str, digest: str, layers: Iterable[scan.Layer]) -> None:
    bill = layout.write_json(document(name, digest, scan.merge(layers)))
    empty = layout.write_json({})
    subject = layout.stored(digest)
    media_type = layout.read_json(digest).get("mediaType", MANIFEST_TYPE)
    manifest = layout.write_json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "artifactType": MEDIA_TYPE,
            "config": _descriptor(EMPTY_TYPE, empty),
            "layers": [_descriptor(MEDIA_TYPE, bill)],
            "subject": _descriptor(media_type, subject),
        }
    )
    layout.record(f"{name}.sbom", _key(digest), manifest, "sbom")


def _descriptor(media_type: str, blob: Blob) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": blob.digest, "size": blob.size}


def _key(digest: str) -> str:
    return f"sbom-{VERSION}-{digest}"
