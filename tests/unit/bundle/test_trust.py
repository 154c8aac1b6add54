"""Signatures and bills of materials in a registry: whole they pass, and every tampering is named."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bootstrap import imagetags
from bootstrap.bundle import net, push, signing, trust
from bootstrap.bundle.keys import FileSigner, Signer
from bootstrap.bundle.layout import Entry, Layout
from bootstrap.bundle.remote import digest_of
from bootstrap.bundle.sbom import shelf
from bootstrap.progress import Event, Progress
from tests.unit.bundle.conftest import add_image, tar_of
from tests.unit.bundle.remotes import HOST, Remotes

KEY, OTHER = (FileSigner(ec.generate_private_key(ec.SECP256R1())) for _ in range(2))
REPOSITORY = "team/a"
LAYER = tar_of({"usr/lib/x-1.dist-info/METADATA": b"Name: x\nVersion: 1\n\n"})


class World:
    """One image, pushed and vouched for."""

    def __init__(self, layout: Layout, remotes: Remotes, key: Signer = KEY) -> None:
        self.layout, self.remotes = layout, remotes
        self.digest = add_image(layout, LAYER).digest
        self.reference = f"{HOST}/{REPOSITORY}@{self.digest}"
        push.push({self.reference: self.digest}, layout)
        self.made = self.vouch(key)

    def vouch(self, key: Signer) -> int:
        self.bill = self._bill()
        return trust.vouch({"a": self.reference}, {"a": self.bill}, self.layout, key)

    def _bill(self) -> Entry:
        with Progress(lambda event: None).step("bills") as step:
            return shelf.provide(self.layout, {"a": self.digest}, step)["a"]

    def faults(self, key: Signer = KEY, deep: bool = False) -> list[str]:
        events: list[Event] = []
        with Progress(events.append).step("check") as step:
            found = trust.verify({"a": self.reference}, key.public, step, deep=deep)
        assert [verdict.name for verdict in found] == ["a"]
        assert [event.text.startswith("1 of 1: a") for event in events if event.kind == "note"] == [True]
        return list(found[0].faults)

    @property
    def layer(self) -> str:
        return self.layout.parts(self.digest)[1].digest

    def signature(self, digest: str) -> dict[str, object]:
        """The descriptor of the signature of a manifest."""
        raw = self.remotes.manifests[REPOSITORY, imagetags.signature(digest)]
        return dict(json.loads(raw)["layers"][-1])

    def forget(self, digest: str) -> None:
        """Drop a manifest and everything that stands under the same name."""
        self.remotes.manifests.pop((REPOSITORY, digest))


@pytest.fixture(params=[False, True], ids=["by tag", "by API"])
def world(request: pytest.FixtureRequest, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> World:
    """In a registry that keeps no lists of referrers, and in one that does."""
    remotes = Remotes(lists=request.param)
    monkeypatch.setattr(net, "client", remotes.client)
    return World(layout, remotes)


def test_what_was_pushed_and_signed_is_in_order(world: World) -> None:
    assert world.faults() == []
    assert world.faults(deep=True) == []
    assert world.made == 2  # the image and its bill of materials


def test_signing_again_changes_nothing(world: World) -> None:
    world.remotes.asked.clear()
    before = dict(world.remotes.manifests)
    assert world.vouch(KEY) == 0
    assert before == world.remotes.manifests


def test_a_second_signer_leaves_the_first_ones_signature(world: World) -> None:
    assert world.faults(OTHER)
    assert world.vouch(OTHER) == 2
    assert world.faults(OTHER) == []
    assert world.faults(KEY) == []


def test_the_form_is_that_of_simple_signing(world: World) -> None:
    raw = world.remotes.manifests[REPOSITORY, f"sha256-{world.digest[7:]}.sig"]
    manifest = json.loads(raw)
    (layer,) = manifest["layers"]
    assert layer["mediaType"] == "application/vnd.dev.cosign.simplesigning.v1+json"
    payload = world.remotes.blobs[REPOSITORY, layer["digest"]]
    assert json.loads(payload) == {
        "critical": {
            "identity": {"docker-reference": f"{HOST}/{REPOSITORY}"},
            "image": {"docker-manifest-digest": world.digest},
            "type": "cosign container image signature",
        },
        "optional": None,
    }
    config = json.loads(world.remotes.blobs[REPOSITORY, manifest["config"]["digest"]])
    assert config["rootfs"]["diff_ids"] == [layer["digest"]]


def _replace_blob(world: World, digest: str, content: bytes) -> None:
    assert (REPOSITORY, digest) in world.remotes.blobs
    world.remotes.blobs[REPOSITORY, digest] = content


def _other_subject(world: World) -> None:
    """A properly signed bill of another image, listed for this one."""
    other = add_image(world.layout, LAYER, tar_of({"more": b""})).digest
    reference = f"{HOST}/{REPOSITORY}@{other}"
    push.push({reference: other}, world.layout)
    with Progress(lambda event: None).step("bills") as step:
        bill = shelf.provide(world.layout, {"a": other}, step)["a"]
    trust.vouch({"a": reference}, {"a": bill}, world.layout, KEY)
    listing = {"manifests": [{"digest": bill.digest, "artifactType": "application/vnd.cyclonedx+json"}]}
    world.remotes.lists = False
    world.remotes.manifests[REPOSITORY, world.digest.replace(":", "-")] = json.dumps(listing).encode()


def _no_bill(world: World) -> None:
    for name in (world.bill.digest, imagetags.bill(world.bill.digest), world.digest.replace(":", "-")):
        world.remotes.manifests.pop((REPOSITORY, name), None)


def _swapped_signature(world: World) -> None:
    """The signature of the bill of materials, in the place of the image's."""
    manifests = world.remotes.manifests
    manifests[REPOSITORY, imagetags.signature(world.digest)] = manifests[
        REPOSITORY, imagetags.signature(world.bill.digest)
    ]


def _changed_payload(world: World) -> None:
    layer = str(world.signature(world.digest)["digest"])
    payload = world.remotes.blobs[REPOSITORY, layer]
    _replace_blob(world, layer, payload.replace(b'"optional":null', b'"optional":{}'))


TAMPERING: dict[str, tuple[Callable[[World], object], str]] = {
    "no image": (lambda w: w.forget(w.digest), "it is not there"),
    "another manifest": (
        lambda w: w.remotes.manifests.update({(REPOSITORY, w.digest): b'{"config":{},"layers":[]}'}),
        "its manifest was changed",
    ),
    "a layer is missing": (lambda w: w.remotes.blobs.pop((REPOSITORY, w.layer)), "a part is missing"),
    "a longer layer": (lambda w: _replace_blob(w, w.layer, LAYER + b"x"), "a part has"),
    "no signature": (lambda w: w.forget(imagetags.signature(w.digest)), "it is not signed"),
    "no signature in it": (
        lambda w: w.remotes.manifests.update({(REPOSITORY, imagetags.signature(w.digest)): b"{}"}),
        "it is not signed",
    ),
    "a changed payload": (_changed_payload, "signed by another key, or the payload was changed"),
    "a payload is missing": (
        lambda w: w.remotes.blobs.pop((REPOSITORY, str(w.signature(w.digest)["digest"]))),
        "signed by another key, or the payload was changed",
    ),
    "a signature of something else": (_swapped_signature, "the signature is for something else"),
    "no bill": (_no_bill, "it has no bill of materials"),
    "a changed bill": (
        lambda w: _replace_blob(w, w.layout.parts(w.bill.digest)[1].digest, b"{}"),
        "its bill of materials was changed or is missing",
    ),
    "another bill's manifest": (
        lambda w: w.remotes.manifests.update({(REPOSITORY, w.bill.digest): b"{}"}),
        "of materials",
    ),
    "an unsigned bill": (
        lambda w: w.forget(imagetags.signature(w.bill.digest)),
        "its bill of materials: it is not signed",
    ),
    "the bill of another image": (_other_subject, "its bill of materials is about another image"),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_named(name: str, world: World) -> None:
    tamper, words = TAMPERING[name]
    tamper(world)
    faults = world.faults()
    assert len(faults) == 1, faults
    assert words in faults[0]


def test_a_changed_layer_of_the_same_size_is_found_by_reading_it(world: World) -> None:
    _replace_blob(world, world.layer, b"x" * len(LAYER))
    assert world.faults() == []
    assert world.faults(deep=True) == [f"a part was changed: {world.layer}"]


def test_a_signature_by_another_key_does_not_do(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    remotes = Remotes()
    monkeypatch.setattr(net, "client", remotes.client)
    faults = World(layout, remotes, OTHER).faults(KEY)
    words = "signed by another key, or the payload was changed"
    assert faults == [words, f"its bill of materials: {words}"]


def test_all_faults_come_at_once(world: World) -> None:
    world.remotes.blobs.pop((REPOSITORY, world.layer))
    world.forget(imagetags.signature(world.digest))
    _no_bill(world)
    assert len(world.faults()) == 3


@given(
    st.binary(), st.binary(), st.none() | st.text() | st.integers() | st.dictionaries(st.text(), st.text())
)
def test_no_signature_that_was_not_made_passes(payload: bytes, signature: bytes, notes: object) -> None:
    for shown in ({signing.ANNOTATION: base64.b64encode(signature).decode()}, notes):
        fault = signing.fault({"annotations": shown}, payload, "sha256:a", KEY.public)
        assert fault


@given(st.binary())
def test_whatever_lies_under_the_tag_is_read(content: bytes) -> None:
    assert signing.layers_of(content) == []


def test_a_signature_is_stored_under_the_digest_that_it_is_for() -> None:
    signed = signing.sign("r/a", "sha256:abc", KEY)
    (layer,) = signing.layers_of(signed.manifest)
    assert layer["digest"] == digest_of(signed.blobs[1])
    assert imagetags.signature("sha256:abc") == "sha256-abc.sig"
