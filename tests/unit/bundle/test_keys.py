"""Keys that sign images: the user's own in a file, and one that KMS keeps (at moto)."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bootstrap.bundle import keys, push, trust
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.sbom import shelf
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.model import KMS
from bootstrap.progress import silent
from tests.aws import ACCOUNT, REGION
from tests.unit.bundle.conftest import add_image, tar_of
from tests.unit.bundle.remotes import HOST, Remotes

ALIAS = "alias/idp-eu-central-1-images"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_the_key_is_made_once_and_only_the_user_reads_it(data: Path) -> None:
    first = keys.own()
    assert keys.private_file().stat().st_mode & 0o777 == 0o600
    assert keys.own().private_numbers() == first.private_numbers()
    named = keys.public(str(keys.public_file()))
    assert named.public_numbers() == keys.public().public_numbers()
    assert "PRIVATE" not in keys.public_file().read_text()


@pytest.mark.parametrize(
    "text", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_a_damaged_key_is_refused_and_kept(text: str, data: Path) -> None:
    data.mkdir()
    keys.private_file().write_text(text)
    with pytest.raises(IdpError, match="IDP-S001"):
        keys.own()
    assert keys.private_file().read_text() == text


def test_there_is_nothing_to_check_with_before_anything_was_signed(data: Path, tmp_path: Path) -> None:
    with pytest.raises(IdpError, match="IDP-S002"):
        keys.public()
    assert not keys.private_file().exists()
    with pytest.raises(IdpError, match="IDP-S002"):
        keys.public(str(tmp_path / "absent"))


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP256K1()], ids=lambda curve: curve.name)
def test_other_curves_are_refused(curve: ec.EllipticCurve, tmp_path: Path) -> None:
    file = tmp_path / "other.pub"
    file.write_text(keys.public_pem(ec.generate_private_key(curve).public_key()))
    with pytest.raises(IdpError, match="IDP-S002"):
        keys.public(str(file))


@pytest.mark.parametrize("named", ["signing.pub", "awskms://alias/x"])
def test_what_cannot_sign_is_refused(named: str, data: Path) -> None:
    with pytest.raises(IdpError, match="IDP-S005") as caught:
        keys.signer(named)
    assert caught.value.exit_code == WRONG_USE


def made(aws: boto3.Session, spec: str = "ECC_NIST_P256", usage: str = "SIGN_VERIFY") -> str:
    """A key in KMS behind the alias; its id."""
    kms = aws.client("kms")
    id_: str = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=ALIAS, TargetKeyId=id_)
    return id_


@pytest.mark.parametrize("name", [ALIAS, f"arn:aws:kms:{REGION}:{ACCOUNT}:{ALIAS}"])
def test_kms_signs_what_others_check_with_its_public_half(
    aws: boto3.Session, name: str, tmp_path: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(aws)
    monkeypatch.setattr("bootstrap.bundle.net.client", Remotes(lists=True).client)
    digest = add_image(layout, tar_of({"a": b"a"})).digest
    images = {"a": f"{HOST}/team/a@{digest}"}
    push.push({images["a"]: digest}, layout)
    with silent().step("bills") as step:
        bills = shelf.provide(layout, {"a": digest}, step)
        signer = keys.signer(f"{KMS}{name}")
        assert trust.vouch(images, bills, layout, signer) == 2
        assert trust.vouch(images, bills, layout, signer) == 0, "what it has signed is left alone"
        assert trust.refused(trust.verify(images, keys.public(f"{KMS}{name}"), step)) == []
        file = tmp_path / "platform.pub"
        file.write_text(keys.public_pem(signer.public))
        assert trust.refused(trust.verify(images, keys.public(str(file)), step)) == []


def test_it_is_asked_in_the_region_that_its_arn_names(aws: boto3.Session) -> None:
    other = boto3.Session(region_name="eu-west-1")
    made(other)
    assert keys.public(f"{KMS}arn:aws:kms:eu-west-1:{ACCOUNT}:{ALIAS}")
    with pytest.raises(IdpError, match="IDP-S004"):
        keys.public(f"{KMS}{ALIAS}")


@pytest.mark.parametrize(
    ("spec", "usage", "words"),
    [
        ("ECC_NIST_P384", "SIGN_VERIFY", "not of the kind ECC_NIST_P256"),
        ("RSA_2048", "SIGN_VERIFY", "not of the kind ECC_NIST_P256"),
        ("ECC_NIST_P256", "KEY_AGREEMENT", "for KEY_AGREEMENT"),
    ],
)
def test_a_key_of_another_kind_is_refused(aws: boto3.Session, spec: str, usage: str, words: str) -> None:
    made(aws, spec, usage)
    with pytest.raises(IdpError, match="IDP-S004") as caught:
        keys.signer(f"{KMS}{ALIAS}")
    assert words in caught.value.why


def test_a_key_that_is_not_there_is_named(aws: boto3.Session) -> None:
    with pytest.raises(IdpError, match="IDP-S004") as caught:
        keys.signer(f"{KMS}{ALIAS}")
    assert ALIAS in caught.value.what
