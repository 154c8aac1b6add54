"""What makes images in a registry trustworthy: their signatures and bills of materials, put and checked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from bootstrap import imagetags
from bootstrap.bundle import net, signing
from bootstrap.bundle.keys import Signer
from bootstrap.bundle.layout import MANIFEST_TYPE, Entry, Layout
from bootstrap.bundle.logins import Login, RegistryAuth
from bootstrap.bundle.remote import Remote, digest_of
from bootstrap.bundle.sbom.document import MEDIA_TYPE
from bootstrap.parallel import gather
from bootstrap.progress import Step

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey


@dataclass(frozen=True)
class Verdict:
    """What is wrong with an image in a registry; nothing, where it can be trusted."""

    name: str
    reference: str
    faults: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.faults


def refused(verdicts: Iterable[Verdict]) -> list[str]:
    """A line for each image that cannot be trusted."""
    return [f"{one.name}: {', '.join(one.faults)}" for one in verdicts if not one.ok]


def vouch(
    images: Mapping[str, str],
    bills: Mapping[str, Entry],
    layout: Layout,
    signer: Signer,
    login: Login | None = None,
) -> int:
    """Store bill of materials and signatures beside pushed images (name -> reference by digest).

    Returns how many signatures are new; what is signed by this key already is left alone. Raises IDP-B015.
    """
    with net.client(auth=RegistryAuth(login)) as http:
        vouching = (
            partial(_vouch, Remote(http, reference), bills[name], layout, signer)
            for name, reference in images.items()
        )
        return sum(gather(vouching))


def verify(
    images: Mapping[str, str],
    public: EllipticCurvePublicKey,
    step: Step,
    login: Login | None = None,
    deep: bool = False,
) -> list[Verdict]:
    """Check every image (name -> reference by digest): the manifest's digest, parts, signature, bill.

    `deep` reads all layers and checks their digests, too. Raises IDP-B015 where the registry cannot be asked.
    """
    counting = threading.Lock()
    done = 0

    def one(name: str, reference: str, http: httpx.Client) -> Verdict:
        nonlocal done
        faults = _faults(Remote(http, reference), reference.partition("@")[2], public, deep)
        with counting:
            done += 1
            step.note(f"{done} of {len(images)}: {name}, {faults[0] if faults else 'in order'}")
        return Verdict(name, reference, tuple(faults))

    with net.client(auth=RegistryAuth(login)) as http:
        return gather(partial(one, name, reference, http) for name, reference in images.items())


def _vouch(remote: Remote, bill: Entry, layout: Layout, signer: Signer) -> int:
    digest = remote.reference.partition("@")[2]
    for blob in layout.parts(bill.digest):
        remote.put_blob(blob.digest, layout.path(blob.digest))
    raw = layout.path(bill.digest).read_bytes()
    referring = {"mediaType": MANIFEST_TYPE, "digest": bill.digest, "size": len(raw)}
    remote.put_referrer({**referring, "artifactType": MEDIA_TYPE}, raw, digest, imagetags.bill(bill.digest))
    return sum(_sign(remote, each, signer) for each in (digest, bill.digest))


def _sign(remote: Remote, digest: str, signer: Signer) -> bool:
    """Sign a manifest unless this key has; signatures of others stay."""
    before = remote.manifest(imagetags.signature(digest))
    if before and not _signature_fault(remote, before, digest, signer.public):
        return False
    signed = signing.sign(remote.name, digest, signer, signing.layers_of(before))
    for content in signed.blobs:
        remote.put_blob(digest_of(content), content)
    remote.put_manifest(imagetags.signature(digest), signed.manifest, MANIFEST_TYPE)
    return True


def _faults(remote: Remote, digest: str, public: EllipticCurvePublicKey, deep: bool) -> list[str]:
    raw = remote.manifest(digest)
    if not raw:
        return ["it is not there"]
    if (found := digest_of(raw)) != digest:
        return [f"its manifest was changed: {found}"]
    faults = [_part_fault(remote, part, deep) for part in _parts(json.loads(raw))]
    faults.append(_signed_fault(remote, digest, public))
    faults.append(_bill_fault(remote, digest, public))
    return [fault for fault in faults if fault]


def _parts(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [manifest["config"], *manifest["layers"]]


def _part_fault(remote: Remote, part: Mapping[str, Any], deep: bool) -> str:
    digest, size = part["digest"], remote.size(part["digest"])
    if size < 0:
        return f"a part is missing: {digest}"
    if size != part["size"]:
        return f"a part has {size} bytes instead of {part['size']}: {digest}"
    if deep and remote.real_digest(digest) != digest:
        return f"a part was changed: {digest}"
    return ""


def _signed_fault(remote: Remote, digest: str, public: EllipticCurvePublicKey) -> str:
    manifest = remote.manifest(imagetags.signature(digest))
    return _signature_fault(remote, manifest, digest, public) if manifest else "it is not signed"


def _signature_fault(remote: Remote, manifest: bytes, digest: str, public: EllipticCurvePublicKey) -> str:
    """Nothing if one of the signatures holds, else what is wrong with the last of them."""
    fault = "it is not signed"
    for layer in signing.layers_of(manifest):
        fault = signing.fault(layer, remote.blob(layer["digest"]), digest, public)
        if not fault:
            return ""
    return fault


def _bill_fault(remote: Remote, digest: str, public: EllipticCurvePublicKey) -> str:
    """Nothing if one of the bills holds: it is about this image, unchanged, and signed."""
    fault = "it has no bill of materials"
    for entry in remote.referrers(digest):
        if entry.get("artifactType") == MEDIA_TYPE:
            fault = _one_bill_fault(remote, entry["digest"], digest, public)
            if not fault:
                return ""
    return fault


def _one_bill_fault(remote: Remote, bill: str, digest: str, public: EllipticCurvePublicKey) -> str:
    raw = remote.manifest(bill)
    if digest_of(raw) != bill:
        return "its bill of materials was changed or is missing"
    manifest = json.loads(raw)
    if manifest.get("subject", {}).get("digest") != digest:
        return "its bill of materials is about another image"
    if any(digest_of(remote.blob(part["digest"])) != part["digest"] for part in manifest["layers"]):
        return "its bill of materials was changed or is missing"
    signed = _signed_fault(remote, bill, public)
    return f"its bill of materials: {signed}" if signed else ""
