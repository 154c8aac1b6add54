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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bootstrap import files, paths
from bootstrap.bundle.layout import CONFIG_TYPE, MANIFEST_TYPE, canonical
from bootstrap.errors import WRONG_USE, IdpError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

#: Names of the format (cosign's "SIGNATURE_SPEC").
PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json"
ANNOTATION = "dev.cosignproject.cosign/signature"
_KIND = "cosign container image signature"


@dataclass(frozen=True)
class Signed:
    """A signature ready to be stored: its manifest, and the blobs that this names."""

    manifest: bytes
    blobs: tuple[bytes, ...]


def private_file() -> Path:
    return paths.data() / "signing.key"


def public_file() -> Path:
    """What others need to check this user's signatures."""
    return paths.data() / "signing.pub"


def key() -> EllipticCurvePrivateKey:
    """This user's key, made the first time; only the user can read it. Raises IDP-S001."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    file = private_file()
    if not file.is_file():
        made = ec.generate_private_key(ec.SECP256R1())
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        files.private(file, pem.decode())
    try:
        found = serialization.load_pem_private_key(file.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise _unusable(file, str(error)) from error
    if not isinstance(found, ec.EllipticCurvePrivateKey) or found.curve.name != "secp256r1":
        raise _unusable(file, "it is not a key on the curve P-256")
    public = public_pem(found.public_key())
    if not public_file().is_file() or public_file().read_text() != public:
        public_file().write_text(public)
    return found


def public_key(file: Path | None = None) -> EllipticCurvePublicKey:
    """The key to check with: of a PEM file, or this user's own. Raises IDP-S001, IDP-S002."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    if file is None:
        if not private_file().is_file():
            raise _no_public(private_file(), "nothing was signed on this machine yet")
        return key().public_key()
    try:
        found = serialization.load_pem_public_key(file.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise _no_public(file, str(error)) from error
    if not isinstance(found, ec.EllipticCurvePublicKey) or found.curve.name != "secp256r1":
        raise _no_public(file, "it is not a key on the curve P-256")
    return found


def public_pem(public: EllipticCurvePublicKey) -> str:
    from cryptography.hazmat.primitives import serialization

    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def tag(digest: str) -> str:
    """Where the signatures of an image are found."""
    return f"{digest.replace(':', '-')}.sig"


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


def sign(
    repository: str, digest: str, private: EllipticCurvePrivateKey, others: Iterable[dict[str, Any]] = ()
) -> Signed:
    """A signature, and the descriptors of `others` that are there already and stay."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    content = payload(repository, digest)
    signature = private.sign(content, ec.ECDSA(hashes.SHA256()))
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


def _unusable(file: Path, why: str) -> IdpError:
    return IdpError(
        "IDP-S001",
        f"the signing key {file} cannot be used",
        why,
        f"restore it, or begin with a new one: mv {file} {file}.old; then idp bundle push --to REGISTRY",
    )


def _no_public(file: Path, why: str) -> IdpError:
    return IdpError(
        "IDP-S002",
        f"there is no key to check signatures with: {file}",
        why,
        "idp bundle verify --from REGISTRY --key FILE   # the signer's signing.pub",
        exit_code=WRONG_USE,
    )
