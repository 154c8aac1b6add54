"""Generated secrets: their form, that they are kept, and that the certificate is renewed in time."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from stacks import certificates, credentials
from stacks.credentials import CredentialsProvider

WANTED = {
    "gitea/gitea-admin/password": "password",
    "gitea/gitea-keys/jwt": "hex32",
    "mlflow/proxy/cookie": "base64",
}
DOMAIN = "idp.localhost"


@pytest.fixture
def created() -> dict[str, Any]:
    props = {"name": "idp", "domain": DOMAIN, "wanted": WANTED}
    return CredentialsProvider().create(props).outs or {}


def test_forms(created: dict[str, Any]) -> None:
    values = created["values"]
    assert re.fullmatch(r"[A-Za-z0-9]{40}", values["gitea/gitea-admin/password"])
    assert re.fullmatch(r"[0-9a-f]{64}", values["gitea/gitea-keys/jwt"])
    assert len(base64.urlsafe_b64decode(values["mlflow/proxy/cookie"])) == 32
    assert created["ca_certificate"] == values["ca.crt"]
    with pytest.raises(ValueError, match="unknown kind"):
        credentials.generate("favourite colour")


def test_no_two_passwords_are_the_same() -> None:
    assert len({credentials.generate("password") for _ in range(100)}) == 100


def test_a_new_name_is_added_and_the_old_ones_stay(created: dict[str, Any]) -> None:
    more = {"name": "idp", "domain": DOMAIN, "wanted": {**WANTED, "mlflow/key/value": "hex32"}}
    provider = CredentialsProvider()
    assert provider.diff("idp", created, more).changes
    after = (provider.update("idp", created, more).outs or {})["values"]
    assert created["values"].items() <= after.items()
    assert "mlflow/key/value" in after


def test_a_removed_name_is_kept_because_its_data_may_come_back(created: dict[str, Any]) -> None:
    fewer = {"name": "idp", "domain": DOMAIN, "wanted": {}}
    assert not CredentialsProvider().diff("idp", created, fewer).changes


def test_the_same_again_is_no_change(created: dict[str, Any]) -> None:
    same = {"name": "idp", "domain": DOMAIN, "wanted": WANTED}
    result = CredentialsProvider().diff("idp", created, same)
    assert (result.changes, result.replaces) == (False, None)


@pytest.mark.parametrize(
    ("days", "renewed"), [(0, False), (366, False), (368, True), (500, True)], ids=lambda v: str(v)
)
def test_the_certificate_is_renewed_when_less_than_30_days_remain(
    created: dict[str, Any], monkeypatch: pytest.MonkeyPatch, days: int, renewed: bool
) -> None:
    later = datetime.now(UTC) + timedelta(days=days)
    monkeypatch.setattr(certificates, "now", lambda: later)
    props = {"name": "idp", "domain": DOMAIN, "wanted": WANTED}
    provider = CredentialsProvider()
    assert provider.diff("idp", created, props).changes is renewed
    after = (provider.update("idp", created, props).outs or {})["values"]
    assert (after["tls.crt"] != created["values"]["tls.crt"]) is renewed
    assert after["ca.crt"] == created["values"]["ca.crt"]


def test_another_domain_needs_another_certificate(created: dict[str, Any]) -> None:
    moved = {"name": "idp", "domain": "other.localhost", "wanted": WANTED}
    assert CredentialsProvider().diff("idp", created, moved).changes


def test_certificates() -> None:
    now = datetime.now(UTC)
    pair = certificates.authority("idp", now)
    leaf_pair = certificates.wildcard(DOMAIN, pair, now)
    ca, (leaf, issuer) = _load(pair.certificate)[0], _load(leaf_pair.certificate)
    assert issuer == ca
    leaf.verify_directly_issued_by(ca)
    assert isinstance(ca.public_key(), ec.EllipticCurvePublicKey)
    assert ca.public_key().curve.name == "secp256r1"  # type: ignore[union-attr]
    assert ca.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [DOMAIN, f"*.{DOMAIN}"]
    assert timedelta(days=3650) < ca.not_valid_after_utc - now < timedelta(days=3655)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=398)


def _load(pem: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem.encode())
