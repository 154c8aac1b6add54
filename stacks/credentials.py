"""Secrets that an instance generates once and keeps: passwords, keys, its certificate authority.

One resource holds them all, so that a package that joins later gets its own and nothing old changes.
"""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import dynamic

from stacks import certificates
from stacks.certificates import Pair
from stacks.dynamic import Provider, reporting

CA_CERTIFICATE, CA_KEY = "ca.crt", "ca.key"
CERTIFICATE, CERTIFICATE_KEY = "tls.crt", "tls.key"

_ALPHABET = string.ascii_letters + string.digits
_PASSWORD_LENGTH = 40
_BYTES = 32


def generate(kind: str) -> str:
    """A fresh value: `password` (40 letters and digits, 238 bits), `hex32` or `base64` (both 256 bits).

    The alphabet of `base64` is the one for URLs.
    """
    if kind == "password":
        return "".join(secrets.choice(_ALPHABET) for _ in range(_PASSWORD_LENGTH))
    if kind == "hex32":
        return secrets.token_hex(_BYTES)
    if kind == "base64":
        return base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)).decode()
    raise ValueError(f"unknown kind of secret: {kind}")


def complete(
    wanted: Mapping[str, str],
    kept: Mapping[str, str],
    name: str,
    domain: str,
    given: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Everything in `kept`, what `wanted` (id -> kind) lacks in it, and a valid certificate.

    `given` are those that the user has of a service of theirs; they win.
    """
    values = {**kept, **(given or {})}
    now = certificates.now()
    if CA_KEY not in values:
        ca = certificates.authority(name, now)
        values |= {CA_CERTIFICATE: ca.certificate, CA_KEY: ca.key}
    if CERTIFICATE not in values or certificates.needs_renewal(values[CERTIFICATE], domain, now):
        leaf = certificates.wildcard(domain, Pair(values[CA_CERTIFICATE], values[CA_KEY]), now)
        values |= {CERTIFICATE: leaf.certificate, CERTIFICATE_KEY: leaf.key}
    return values | {id_: generate(kind) for id_, kind in wanted.items() if id_ not in values}


def is_complete(
    wanted: Mapping[str, str], kept: Mapping[str, str], domain: str, given: Mapping[str, str] | None = None
) -> bool:
    """Would `complete` return `kept` unchanged?"""
    return (
        CERTIFICATE in kept
        and (given or {}).items() <= kept.items()
        and all(id_ in kept for id_ in wanted)
        and not certificates.needs_renewal(kept[CERTIFICATE], domain, certificates.now())
    )


class CredentialsProvider(Provider):
    """Generates what is missing and keeps the rest, for as long as the instance lives."""

    @reporting
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Changed when something is missing or the certificate is due; never a replacement."""
        return dynamic.DiffResult(
            not is_complete(news["wanted"], olds["values"], news["domain"], news.get("given"))
        )

    @reporting
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        return dynamic.CreateResult(props["name"], _outputs(props, {}))

    @reporting
    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.UpdateResult:
        return dynamic.UpdateResult(_outputs(news, olds["values"]))


class Credentials(dynamic.Resource, module="idp", name="Credentials"):
    """`values` (secret) maps ids to text; `ca_certificate` is public."""

    values: pulumi.Output[dict[str, str]]
    ca_certificate: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        instance: str,
        domain: str,
        wanted: Mapping[str, str],
        given: Mapping[str, str] | None = None,
    ):
        props: dict[str, Any] = {"name": instance, "domain": domain, "wanted": dict(wanted)}
        if given:
            props["given"] = pulumi.Output.secret(dict(given))
        super().__init__(
            CredentialsProvider(),
            name,
            {**props, "values": None, "ca_certificate": None},
            pulumi.ResourceOptions(additional_secret_outputs=["values"]),
        )

    def secret(self, id_: str) -> pulumi.Output[str]:
        """One of the values."""
        return pulumi.Output.secret(self.values.apply(lambda values: values[id_]))


def _outputs(props: Mapping[str, Any], kept: Mapping[str, str]) -> dict[str, Any]:
    values = complete(props["wanted"], kept, props["name"], props["domain"], props.get("given"))
    return {
        "name": props["name"],
        "domain": props["domain"],
        "wanted": props["wanted"],
        "values": values,
        "ca_certificate": values[CA_CERTIFICATE],
    }
