"""The public DNS zone of a domain, which is delegated once and outlives platforms."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap.cloud.session import Aws, explained
from bootstrap.errors import IdpError
from bootstrap.progress import Step

#: Records that every zone has and that cannot be removed.
_OWN = ("NS", "SOA")


@dataclass(frozen=True)
class Zone:
    """A zone, and the name servers to which its parent must delegate."""

    id: str
    domain: str
    name_servers: tuple[str, ...]


def find(aws: Aws, domain: str) -> Zone | None:
    """The public zone of that very name. Raises IDP-C013 where there are several."""
    route53, name = aws.client("route53"), _name(domain)
    with explained(f"looking for the zone {name}"):
        pages = route53.get_paginator("list_hosted_zones").paginate()
        listed = [zone for page in pages for zone in page["HostedZones"]]
        ids = [z["Id"] for z in listed if z["Name"] == f"{name}." and not z["Config"]["PrivateZone"]]
        if len(ids) > 1:
            raise IdpError(
                "IDP-C013",
                f"there are several public zones named {name}",
                ", ".join(_short(found) for found in ids),
                "aws route53 delete-hosted-zone --id ID   # keep the one that the domain is delegated to",
            )
        return _zone(name, route53.get_hosted_zone(Id=ids[0])) if ids else None


def make(aws: Aws, domain: str, tags: Mapping[str, str], step: Step) -> Zone:
    """The zone, found or made. One that was there before is used as it is. Raises IDP-C013."""
    route53, found, name = aws.client("route53"), find(aws, domain), _name(domain)
    if found:
        step.note("already there")
        return found
    with explained(f"making the zone {name}"):
        made = route53.create_hosted_zone(
            Name=name, CallerReference=str(uuid.uuid4()), HostedZoneConfig={"Comment": "Platforms of idp"}
        )
        zone = _zone(name, made)
        wanted = [{"Key": key, "Value": value} for key, value in tags.items()]
        route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.id, AddTags=wanted)
    return zone


def refuse_in_use(aws: Aws, domain: str) -> None:
    """Raises IDP-C014 where the zone has records of anybody."""
    found = find(aws, domain)
    if found is None:
        return
    with explained(f"reading the zone {found.domain}"):
        pages = (
            aws.client("route53").get_paginator("list_resource_record_sets").paginate(HostedZoneId=found.id)
        )
        records = [
            f"{r['Name'].rstrip('.')} {r['Type']}"
            for page in pages
            for r in page["ResourceRecordSets"]
            if not (r["Type"] in _OWN and r["Name"] == f"{found.domain}.")
        ]
    if records:
        raise IdpError(
            "IDP-C014",
            f"the zone {found.domain} still has records",
            "somebody may depend on them",
            "remove them in the Route 53 console, or leave the zone: idp cloud teardown",
            faults=records,
        )


def remove(aws: Aws, domain: str, tags: Mapping[str, str], step: Step) -> None:
    """Remove an empty zone that we made; another's stays, and is no error."""
    route53, found = aws.client("route53"), find(aws, domain)
    if found is None:
        step.note("already gone")
        return
    with explained(f"removing the zone {found.domain}"):
        said = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=found.id)
        has = {tag["Key"]: tag["Value"] for tag in said["ResourceTagSet"]["Tags"]}
        if not tags.items() <= has.items():
            step.note("kept: it was there before idp, and has none of its tags")
            return
        route53.delete_hosted_zone(Id=found.id)
    step.note(f"remove the delegation of {found.domain} as well: whoever gets these name servers owns it")


def _zone(name: str, said: Mapping[str, Any]) -> Zone:
    servers = tuple(said["DelegationSet"]["NameServers"])
    return Zone(_short(said["HostedZone"]["Id"]), name, servers)


def _short(zone_id: str) -> str:
    """Route 53 calls zones `/hostedzone/ID`, and takes the ID alone."""
    return zone_id.rpartition("/")[2]


def _name(domain: str) -> str:
    return domain.lower().rstrip(".")
