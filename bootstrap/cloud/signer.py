"""A key in KMS that signs: it never leaves AWS, and who may use it is a matter of roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bootstrap import p256
from bootstrap.cloud import session
from bootstrap.errors import IdpError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

#: How KMS names ECDSA on P-256, and that curve (API reference, Sign and CreateKey).
ALGORITHM, SPEC, USAGE = "ECDSA_SHA_256", "ECC_NIST_P256", "SIGN_VERIFY"


@dataclass(frozen=True)
class KmsSigner:
    """A key by its ARN, its alias or the alias's ARN, with its public half."""

    kms: Any
    name: str
    public: EllipticCurvePublicKey

    @classmethod
    def of(cls, name: str) -> KmsSigner:
        """Ask for the key, in the region that an ARN names. Raises IDP-S004 where it cannot sign images."""
        from cryptography.hazmat.primitives import serialization

        kms = session.connect(region_of(name)).client("kms")
        away = kms.exceptions
        with session.explained(f"reading the signing key {name}"):
            try:
                found = kms.get_public_key(KeyId=name)
            except (away.NotFoundException, away.DisabledException, away.KMSInvalidStateException) as error:
                raise _unusable(name, str(error)) from error
        public = serialization.load_der_public_key(found["PublicKey"])
        if not p256.is_public(public):
            raise _unusable(name, f"it is not of the kind {SPEC}, on the curve P-256")
        if found["KeyUsage"] != USAGE:
            raise _unusable(name, f"it is for {found['KeyUsage']}, not for {USAGE}")
        return cls(kms, name, public)

    def sign(self, content: bytes) -> bytes:
        """KMS makes the digest itself: a payload is some 300 bytes, and 4,096 are allowed."""
        with session.explained(f"signing with the key {self.name}"):
            signed = self.kms.sign(
                KeyId=self.name, Message=content, MessageType="RAW", SigningAlgorithm=ALGORITHM
            )
        return bytes(signed["Signature"])


def region_of(name: str) -> str:
    """The region that an ARN names; empty for a name without one, which is of the configured region."""
    parts = name.split(":")
    return parts[3] if parts[0] == "arn" and len(parts) > 3 else ""


def _unusable(name: str, why: str) -> IdpError:
    return IdpError(
        "IDP-S004",
        f"the signing key {name} cannot be used",
        why,
        f"idp up --cloud makes the platform's own key; its state: aws kms describe-key --key-id {name}",
    )
