"""The kinds of targets: which module provisions each, and what is known of one before it exists.

Packages see nothing of a target but its facts, and an overlay is chosen by a fact, so that a target which
offers the same gets the same manifests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of target: its engine's module, its facts, and whether a cloud profile sizes it.

    Texts are filled in with the instance's `{name}`; `https_port` 0 means: as chosen. `here` says whether
    pods run on this machine; `asked` names facts that the user has to tell.
    """

    engine: str
    facts: Mapping[str, Any]
    by_profile: bool = False
    here: bool = False
    asked: tuple[str, ...] = ()


_LOCAL = {
    "domain": "{name}.localhost",
    "https_port": 0,
    "gateway_class": "traefik",
    "storage_class": "standard",
    "registry": "idp.local",
    "database": "in-cluster",
    "database_host": "postgres.postgres.svc",
    "objectstore": "in-cluster",
    "objectstore_endpoint": "http://objectstore.objectstore.svc:9000",
    "secrets": "in-cluster",
}
#: Names under `.invalid` never resolve (RFC 2606): only the place and provisioning tell the real ones.
_CLOUD = {
    "domain": "",
    "https_port": 443,
    "gateway_class": "eks-alb",
    "storage_class": "eks-ebs",
    "registry": "registry.invalid/{name}",
    "database": "managed",
    "database_host": "database.invalid",
    "database_tls": "require",
    "objectstore": "managed",
    "objectstore_endpoint": "https://s3.invalid",
    "objectstore_access": "pod-identity",
    "bucket_prefix": "{name}-",
    "secrets": "aws-secrets-manager",
    "exposure": "managed",
    "admission": "signed",
}

#: What a cluster is taken to offer until it was asked and the user has said otherwise.
_EXISTING = {
    **_LOCAL,
    "domain": "",
    "https_port": 443,
    "exposure": "load-balancer",
    "storage_class": "",
    "registry": "",
}

KINDS = {
    "local": Kind("stacks.kind.engine", _LOCAL, here=True),
    "cloud": Kind("stacks.eks.engine", _CLOUD, by_profile=True),
    "existing": Kind("stacks.existing.engine", _EXISTING, asked=("domain", "registry")),
}


def kind(name: str) -> Kind:
    """The kind of that name; one that nobody knows is planned as a local one, and refused by its engine."""
    return KINDS.get(name, KINDS["local"])
