"""The one curve of keys that sign images, P-256, which cosign and KMS take as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

_NAME = "secp256r1"


def is_private(key: object) -> TypeGuard[EllipticCurvePrivateKey]:
    from cryptography.hazmat.primitives.asymmetric import ec

    return isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == _NAME


def is_public(key: object) -> TypeGuard[EllipticCurvePublicKey]:
    from cryptography.hazmat.primitives.asymmetric import ec

    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == _NAME
