"""The layout: what is written is checked, what is interrupted leaves no trace, what is old is dropped."""

from __future__ import annotations

import hashlib
import io
import json
import os

import pytest

from bootstrap.bundle import savedimage
from bootstrap.bundle.layout import Layout, layer_type
from bootstrap.errors import IdpError
from tests.unit.bundle.conftest import add_image, tar_of


def test_a_blob_is_stored_under_its_digest(layout: Layout) -> None:
    blob = layout.write(io.BytesIO(b"content"))
    assert blob.digest == f"sha256:{hashlib.sha256(b'content').hexdigest()}"
    assert layout.has(blob.digest, 7)
    assert not layout.has(blob.digest, 8)


def test_a_wrong_digest_is_refused_and_leaves_nothing(layout: Layout) -> None:
    with pytest.raises(IdpError) as caught:
        layout.write([b"content"], expected="sha256:" + "0" * 64)
    assert caught.value.code == "IDP-B003"
    assert list((layout.root / "blobs" / "sha256").iterdir()) == []


def test_the_same_image_has_the_same_digest(layout: Layout) -> None:
    assert add_image(layout, b"a", b"b").digest == add_image(layout, b"a", b"b").digest


def test_an_image_is_found_by_its_key_while_it_is_complete(layout: Layout) -> None:
    entry = layout.record("gitea", "k1", add_image(layout, b"layer"), "packages")
    assert layout.find("k1") == entry
    assert entry.content == sum(layout.path(d).stat().st_size for d in layout.blobs(entry.digest))
    layout.path(layout.parts(entry.digest)[1].digest).unlink()
    assert layout.find("k1") is None


def test_recording_a_key_again_replaces_the_image(layout: Layout) -> None:
    layout.record("a", "k", add_image(layout, b"old"), "packages")
    new = layout.record("a", "k", add_image(layout, b"new"), "packages")
    assert layout.entries() == [new]


def test_keep_drops_only_what_nothing_kept_uses(layout: Layout) -> None:
    kept = layout.record("a", "ka", add_image(layout, b"shared", b"mine"), "packages")
    dropped = layout.record("b", "kb", add_image(layout, b"shared", b"other"), "packages")
    assert layout.keep({kept.digest}) > 0
    assert layout.complete(kept)
    assert layout.entries() == [kept]
    assert not layout.has(dropped.digest)


def test_verify_reads_every_blob(layout: Layout) -> None:
    entry = layout.record("a", "k", add_image(layout, b"layer"), "packages")
    layout.verify([entry])
    layout.path(layout.parts(entry.digest)[1].digest).write_bytes(b"LAYER")
    assert layout.complete(entry)
    with pytest.raises(IdpError) as caught:
        layout.verify([entry])
    assert caught.value.code == "IDP-B003"


def test_leftovers_of_an_interruption_go_away(layout: Layout) -> None:
    leftover = layout.root / "blobs" / "sha256" / "1-2.part"
    leftover.write_bytes(b"half")
    layout.create()
    assert not leftover.exists()


def test_the_layout_is_a_valid_oci_layout(layout: Layout) -> None:
    layout.record("a", "k", add_image(layout, b"layer"), "packages")
    index = json.loads((layout.root / "index.json").read_text())
    (listed,) = index["manifests"]
    assert json.loads((layout.root / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    assert os.path.getsize(layout.path(listed["digest"])) == listed["size"]


@pytest.mark.parametrize(
    ("head", "suffix"), [(b"\x1f\x8b\x08\x00", "+gzip"), (b"\x28\xb5\x2f\xfd", "+zstd"), (b"file", "")]
)
def test_layer_types_come_from_the_content(head: bytes, suffix: str) -> None:
    assert layer_type(head).endswith(f"tar{suffix}")


CONFIG = b'{"os":"linux","architecture":"amd64"}'


def oci_save() -> bytes:
    config, layer = (hashlib.sha256(c).hexdigest() for c in (CONFIG, b"layer"))
    listing = [{"Config": f"blobs/sha256/{config}", "Layers": [f"blobs/sha256/{layer}"] * 2}]
    return tar_of(
        {
            f"blobs/sha256/{config}": CONFIG,
            f"blobs/sha256/{layer}": b"layer",
            "index.json": b"{}",
            "manifest.json": json.dumps(listing).encode(),
        }
    )


def legacy_save() -> bytes:
    """As engines before 25 save: layers by folder, a repeated one as a symbolic link."""
    import tarfile

    name = f"{hashlib.sha256(CONFIG).hexdigest()}.json"
    listing = [{"Config": name, "Layers": ["aa/layer.tar", "bb/layer.tar"]}]
    buffer = io.BytesIO(
        tar_of({"aa/layer.tar": b"layer", "aa/json": b"{}", name: CONFIG, "manifest.json": b""})
    )
    with tarfile.open(fileobj=(out := io.BytesIO()), mode="w") as tar:
        with tarfile.open(fileobj=buffer) as plain:
            for member in plain:
                if member.name != "manifest.json":
                    tar.addfile(member, plain.extractfile(member))
        link = tarfile.TarInfo("bb/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../aa/layer.tar"
        tar.addfile(link)
        savedimage.add_bytes(tar, "manifest.json", json.dumps(listing).encode())
    return out.getvalue()


def test_engines_old_and_new_give_the_same_image(layout: Layout) -> None:
    new = savedimage.take_in(io.BytesIO(oci_save()), layout)
    assert savedimage.take_in(io.BytesIO(oci_save()), layout).digest == new.digest
    assert savedimage.take_in(io.BytesIO(legacy_save()), layout).digest == new.digest
    assert layout.read_json(new.digest)["layers"][1]["size"] == 5


def test_a_saved_image_that_lies_about_a_digest_is_refused(layout: Layout) -> None:
    damaged = oci_save().replace(b"layer" + b"\0" * 20, b"LAYER" + b"\0" * 20)
    with pytest.raises(IdpError) as caught:
        savedimage.take_in(io.BytesIO(damaged), layout)
    assert caught.value.code == "IDP-B003"


def test_an_image_survives_leaving_and_entering(layout: Layout, tmp_path: object) -> None:
    first = add_image(layout, b"one", b"two")
    stream = io.BytesIO()
    savedimage.give_out(stream, layout, first.digest, ["idp.local/a:1"])
    stream.seek(0)
    assert savedimage.take_in(stream, layout).digest == first.digest
