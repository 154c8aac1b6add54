"""The platform's names in the DNS: `DOMAIN` and everything below it lead to the gateway's load balancer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bootstrap.cloud import delegation
from bootstrap.cloud.delegation import HostedZone, plain
from bootstrap.cloud.session import Aws, explained
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter

if TYPE_CHECKING:
    from bootstrap.kube import Cluster, Object

Record = dict[str, Any]

#: The shared Gateway, as the package `gateway` names it.
KIND, NAMESPACE, NAME = "gateway.networking.k8s.io/v1/Gateway", "gateway", "platform"
#: Seconds for which a CNAME may be remembered; an alias takes its target's.
_TTL = 60
#: Types that say where a name leads; a CNAME tolerates no other beside it.
_LEADING = ("A", "AAAA", "CNAME")


def await_gateway(cluster: Cluster, reporter: Reporter, timeout: float = 900) -> str:
    """The DNS name (or address) of the gateway's load balancer. Raises IDP-K003 after `timeout` seconds."""
    with reporter.step("wait for the gateway's address") as step:
        step.note(f"a load balancer takes some minutes; waiting for {timeout / 60:.0f} at most")
        found = cluster.wait_for(
            KIND, _unaddressed, lambda what: step.note(f"waiting for {what}"), timeout, namespace=NAMESPACE
        )
        address = addresses(found)[0]
        step.note(address)
        return address


def addresses(gateways: Sequence[Object]) -> list[str]:
    """Where the shared Gateway among these can be reached."""
    ours = [g for g in gateways if g["metadata"]["name"] == NAME]
    return [
        a["value"] for g in ours for a in (g.get("status") or {}).get("addresses") or [] if a.get("value")
    ]


def _unaddressed(gateways: Sequence[Object]) -> list[str]:
    """What is missing, for `wait_for`."""
    if not any(g["metadata"]["name"] == NAME for g in gateways):
        return [f"the Gateway `{NAME}`"]
    return [] if addresses(gateways) else [f"an address of the Gateway `{NAME}`"]


def publish(aws: Aws, domain: str, address: str, reporter: Reporter) -> bool:
    """Lead the domain's names to the load balancer; False where they already do.

    By alias where the load balancer is this account's, which costs nothing and covers the domain itself;
    else by a CNAME, for names below the domain only. Raises IDP-C027 where there is not one zone for it.
    """
    route53 = aws.client("route53")
    balancer = _balancer(aws, address)
    with reporter.step(f"lead *.{domain} to the gateway") as step, explained("writing DNS records"):
        zone = _zone(route53, domain)
        wanted = records(domain, address, balancer)
        changes = _changes(_present(route53, zone), wanted)
        if not changes:
            step.note("already so")
            return False
        _write(route53, zone, changes)
        step.note(", ".join(f"{r['Type']} {r['Name']}" for r in wanted))
        return True


def withdraw(aws: Aws, domain: str) -> bool:
    """Remove what `publish` wrote; what leads elsewhere than to a load balancer of AWS stays."""
    route53 = aws.client("route53")
    with explained("removing DNS records"):
        zones = delegation.hosted(route53, domain)
        removed = False
        for zone in zones:  # every one: a second zone of that name may have come since
            gone = [_delete(record) for record in _present(route53, zone) if _leads_to_balancer(record)]
            if gone:
                _write(route53, zone, gone)
                removed = True
        return removed


def records(domain: str, address: str, balancer: Record | None) -> list[Record]:
    """What the zone must hold; `balancer` is what AWS says of the load balancer, None where it is unknown."""
    if balancer is None:
        target = [{"Value": f"{plain(address)}."}]
        return [{"Name": f"*.{domain}", "Type": "CNAME", "TTL": _TTL, "ResourceRecords": target}]
    alias = {
        "HostedZoneId": balancer["CanonicalHostedZoneId"],
        "DNSName": f"{plain(balancer['DNSName'])}.",
        "EvaluateTargetHealth": False,
    }
    types = ("A", "AAAA") if balancer.get("IpAddressType", "").startswith("dualstack") else ("A",)
    names = (domain, f"*.{domain}")
    return [{"Name": name, "Type": type_, "AliasTarget": alias} for name in names for type_ in types]


def _balancer(aws: Aws, address: str) -> Record | None:
    """This region's load balancer with that DNS name."""
    elb, sought = aws.client("elbv2"), plain(address).removeprefix("dualstack.")
    with explained("looking for the load balancer"):
        pages = elb.get_paginator("describe_load_balancers").paginate()
        found = (lb for page in pages for lb in page["LoadBalancers"] if plain(lb["DNSName"]) == sought)
        return next(found, None)


def _zone(route53: Any, domain: str) -> HostedZone:
    zones = delegation.hosted(route53, domain)
    if len(zones) == 1:
        return zones[0]
    ids = ", ".join(zone.id for zone in zones)
    raise IdpError(
        "IDP-C027",
        f"there are several public zones for {domain}" if zones else f"there is no public zone for {domain}",
        f"zones: {ids}" if zones else "its names cannot be led to the platform",
        "idp explain IDP-C027" if zones else f"idp cloud bootstrap --domain {domain}",
    )


def _present(route53: Any, zone: HostedZone) -> list[Record]:
    """The records of our two names that say where they lead."""
    names = (zone.name, f"*.{zone.name}")
    pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone.id)
    every = (record for page in pages for record in page["ResourceRecordSets"])
    return [r for r in every if plain(r["Name"]) in names and r["Type"] in _LEADING]


def _changes(present: Sequence[Record], wanted: Sequence[Record]) -> list[Record]:
    """From what is there to what is wanted, in one go: records of our names that stand in its way go."""
    missing = [w for w in wanted if not any(_same(w, p) for p in present)]
    ours = {(plain(w["Name"]), w["Type"]) for w in wanted}
    names = {name for name, _ in ours}
    stale = [p for p in present if plain(p["Name"]) in names and (plain(p["Name"]), p["Type"]) not in ours]
    return [*(_delete(p) for p in stale), *({"Action": "UPSERT", "ResourceRecordSet": w} for w in missing)]


def _same(one: Record, other: Record) -> bool:
    return _essence(one) == _essence(other)


def _essence(record: Record) -> tuple[object, ...]:
    """What a record says, however it is spelt."""
    alias = record.get("AliasTarget") or {}
    values = tuple(sorted(plain(value["Value"]) for value in record.get("ResourceRecords") or ()))
    leads = (alias.get("HostedZoneId"), plain(alias.get("DNSName", "")), alias.get("EvaluateTargetHealth"))
    return plain(record["Name"]), record["Type"], leads, values


def _leads_to_balancer(record: Record) -> bool:
    alias = (record.get("AliasTarget") or {}).get("DNSName", "")
    values = [value["Value"] for value in record.get("ResourceRecords") or () if record["Type"] == "CNAME"]
    # NAME.REGION.elb.amazonaws.com, of a network load balancer NAME.elb.REGION.…; China has another suffix.
    return any("elb" in plain(target).split(".") for target in (alias, *values))


def _delete(record: Record) -> Record:
    return {"Action": "DELETE", "ResourceRecordSet": record}


def _write(route53: Any, zone: HostedZone, changes: list[Record]) -> None:
    batch = {"Comment": "idp: the gateway's address", "Changes": changes}
    route53.change_resource_record_sets(HostedZoneId=zone.id, ChangeBatch=batch)
