"""Cloud profiles of a stack definition: what is wrong with a choice, and what was chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any

from bootstrap.cloudshapes import CloudEntry
from bootstrap.sizing import CloudProfile, DatabaseSize, Gpu, NodeLimits, RegistryLimits

_DOMAIN = re.compile(r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z][-a-z0-9]{0,61}[a-z0-9]$")

#: S3's limit for a bucket's name, and what of it account (12), the longest region (14) and dashes take.
_BUCKET_NAME, _TAKEN = 63, 12 + 14 + 3


def faults(
    cloud: CloudEntry | None,
    name: str,
    profile: str,
    domain: str,
    buckets: Sequence[str],
    allow: Sequence[str] = (),
) -> list[str]:
    """Why a platform cannot be planned for a cloud, all reasons at once."""
    found = []
    if not domain:
        found.append("domain: a cloud platform needs one that you own; name it with --domain idp.example.org")
    elif not _DOMAIN.match(domain):
        found.append(f"domain `{domain}`: must be a host name such as idp.example.org, in lower case")
    found += [fault for text in allow if (fault := _no_network(text))]
    if cloud is None:
        found.append("cloud: the stack definition has no such section; stacks/reference.yaml shows one")
        return found
    profile = profile or cloud.default_profile
    if profile not in cloud.profiles:
        found.append(f"profile `{profile}`: this stack knows {', '.join(cloud.profiles)}")
    for bucket in buckets:
        spare = _BUCKET_NAME - _TAKEN - len(bucket)
        if len(name) > spare:
            found.append(
                f"name `{name}`: with the bucket `{bucket}` it may have {spare} characters, as S3 counts"
            )
    return found


def _no_network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        return f"network `{text}`: must be one such as 192.0.2.0/24 ({error})"
    return ""


def facts(cloud: CloudEntry | None, profile: str) -> dict[str, Any]:
    """Facts that a profile decides; none where it says nothing, or is one that `faults` refuses."""
    entry = cloud.profiles.get(profile or cloud.default_profile) if cloud else None
    return {"admission": entry.admission} if entry and entry.admission else {}


def resolve(cloud: CloudEntry, profile: str, allow: Sequence[str] = ()) -> CloudProfile:
    """The chosen profile, or the stack's default one, open to the networks that are allowed besides."""
    chosen = profile or cloud.default_profile
    entry = cloud.profiles[chosen]
    return CloudProfile(
        name=chosen,
        zones=entry.zones,
        nat=entry.nat,
        public_cidrs=tuple(dict.fromkeys([*entry.api.public_cidrs, *allow])),
        database=DatabaseSize(**entry.database.model_dump()),
        log_days=entry.log_days,
        gpu=Gpu(tuple(entry.gpu.instance_types), entry.gpu.max_nodes) if entry.gpu else None,
        budget_usd_month=entry.budget_usd_month,
        nodes=NodeLimits(entry.nodes.cpus, entry.nodes.memory_gib),
        registry=RegistryLimits(entry.registry.keep, entry.registry.untagged_days),
        ttl_default=entry.ttl_default,
    )
