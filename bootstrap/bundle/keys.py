"""Keys that sign images: a user's own, in a file, or one that AWS keeps and nobody reads (KMS).

All are on the curve P-256. Which one signs or checks is told by a text: empty for the user's own, `awskms:///`
with an ARN or alias as cosign names such keys, or the path of a public key (PEM), which can only check.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bootstrap import files, p256, paths
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.model import KMS

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey


class Signer(Protocol):
    """Whoever can sign: ECDSA over SHA-256, the signature in DER."""

    @property
    def public(self) -> EllipticCurvePublicKey: ...

    def sign(self, content: bytes) -> bytes: ...


@dataclass(frozen=True)
class FileSigner:
    """A key in the memory of this process."""

    private: EllipticCurvePrivateKey

    @property
    def public(self) -> EllipticCurvePublicKey:
        return self.private.public_key()

    def sign(self, content: bytes) -> bytes:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        return self.private.sign(content, ec.ECDSA(hashes.SHA256()))


def signer(named: str = "") -> Signer:
    """Whoever signs by that name. Raises IDP-S001 (own key), IDP-S004 (KMS), IDP-S005 (cannot sign)."""
    if not named:
        return FileSigner(own())
    if named.startswith(KMS):
        from bootstrap.cloud.signer import KmsSigner

        return KmsSigner.of(named.removeprefix(KMS))
    raise IdpError(
        "IDP-S005",
        f"`{named}` does not name a key that signs",
        f"it is your own, where none is named, or one of KMS: {KMS}ARN",
        f"idp bundle push --to REGISTRY --key {KMS}alias/NAME",
        exit_code=WRONG_USE,
    )


def public(named: str = "") -> EllipticCurvePublicKey:
    """The key to check with. Raises IDP-S001, IDP-S002 (none there), IDP-S004 (KMS)."""
    if named.startswith(KMS):
        return signer(named).public
    return _of_file(Path(named)) if named else _own_public()


def told(named: str) -> str:
    """What to say to others who want to check."""
    return named or str(public_file())


def option(named: str) -> str:
    """The same on a command line."""
    return f" --key {named}" if named else ""


def private_file() -> Path:
    return paths.data() / "signing.key"


def public_file() -> Path:
    """What others need to check this user's signatures."""
    return paths.data() / "signing.pub"


def own() -> EllipticCurvePrivateKey:
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
    if not p256.is_private(found):
        raise _unusable(file, "it is not a key on the curve P-256")
    text = public_pem(found.public_key())
    if not public_file().is_file() or public_file().read_text() != text:
        public_file().write_text(text)
    return found


def public_pem(public: EllipticCurvePublicKey) -> str:
    from cryptography.hazmat.primitives import serialization

    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def _own_public() -> EllipticCurvePublicKey:
    if not private_file().is_file():
        raise _no_public(str(private_file()), "nothing was signed on this machine yet")
    return own().public_key()


def _of_file(file: Path) -> EllipticCurvePublicKey:
    from cryptography.hazmat.primitives import serialization

    try:
        found = serialization.load_pem_public_key(file.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise _no_public(str(file), str(error)) from error
    if not p256.is_public(found):
        raise _no_public(str(file), "it is not a key on the curve P-256")
    return found


def _unusable(file: Path, why: str) -> IdpError:
    return IdpError(
        "IDP-S001",
        f"the signing key {file} cannot be used",
        why,
        f"restore it, or begin with a new one: mv {file} {file}.old; then idp bundle push --to REGISTRY",
    )


def _no_public(file: str, why: str) -> IdpError:
    return IdpError(
        "IDP-S002",
        f"there is no key to check signatures with: {file}",
        why,
        "idp bundle verify --from REGISTRY --key FILE   # the signer's signing.pub",
        exit_code=WRONG_USE,
    )
