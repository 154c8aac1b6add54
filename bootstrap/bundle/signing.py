"""Signatures of images in the form that cosign calls simple signing: a payload that names the digest,
signed with ECDSA on P-256 over SHA-256, carried by a manifest under a tag made of the image's digest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bootstrap.bundle.keys import Signer
from bootstrap.bundle.layout import CONFIG_TYPE, MANIFEST_TYPE, canonical

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

#: Names of the format (cosign's "SIGNATURE_SPEC").
PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json"
ANNOTATION = "dev.cosignproject.cosign/signature"
_KIND = "cosign container image signature"


@dataclass(frozen=True)
class Signed:
    """A signature ready to be stored: its manifest, and the blobs that this names."""

    manifest: bytes
    blobs: tuple[bytes, ...]


def payload(repository: str, digest: str) -> bytes:
    """What is signed: that this digest is the image of that repository."""
    return canonical(
        {
            "critical": {
                "identity": {"docker-reference": repository},
                "image": {"docker-manifest-digest": digest},
                "type": _KIND,
            },
            "optional": None,
        }
    )


def sign(repository: str, digest: str, signer: Signer, others: Iterable[dict[str, Any]] = ()) -> Signed:
    """A signature, and the descriptors of `others` that are there already and stay."""
    content = payload(repository, digest)
    signature = signer.sign(content)
    layer = {
        **_descriptor(PAYLOAD_TYPE, content),
        "annotations": {ANNOTATION: base64.b64encode(signature).decode()},
    }
    layers = [*others, layer]
    diff_ids = [each["digest"] for each in layers]
    config = canonical(
        {"architecture": "", "os": "", "config": {}, "rootfs": {"type": "layers", "diff_ids": diff_ids}}
    )
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": _descriptor(CONFIG_TYPE, config),
        "layers": layers,
    }
    return Signed(canonical(manifest), (config, content))


def layers_of(manifest: bytes) -> list[dict[str, Any]]:
    """Signatures that a manifest carries, as descriptors; none where it is no such manifest."""
    try:
        layers = json.loads(manifest)["layers"]
        return [each for each in layers if each.get("mediaType") == PAYLOAD_TYPE and each.get("digest")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def fault(layer: dict[str, Any], content: bytes, digest: str, public: EllipticCurvePublicKey) -> str:
    """Why a signature (its descriptor and its payload) does not hold for an image; empty: it does."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        signature = base64.b64decode(layer["annotations"][ANNOTATION], validate=True)
        public.verify(signature, content, ec.ECDSA(hashes.SHA256()))
        critical = json.loads(content)["critical"]
        named, kind = critical["image"]["docker-manifest-digest"], critical["type"]
    except InvalidSignature:
        return "signed by another key, or the payload was changed"
    except (KeyError, TypeError, ValueError, binascii.Error, RecursionError):
        return "the signature cannot be read"
    if kind != _KIND or named != digest:
        return f"the signature is for something else: {named}"
    return ""


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return {"mediaType": media_type, "digest": digest, "size": len(content)}
