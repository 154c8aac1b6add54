"""From a survey of an account to findings: what is fine, what is worth knowing, what is in the way. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from bootstrap.cloud import survey
from bootstrap.cloud.survey import Allowance, Survey, Taken, Unknown
from bootstrap.finding import Finding, State
from bootstrap.sizing import CloudProfile

#: Minutes: EKS alone takes up to 20 on a first run, the database and the first apply come on top (estimates).
SHORTEST, COMFORTABLE = 45, 90
#: vCPUs that the smallest platform needs, with room to replace a node.
LEAST_CPUS = 8

_LOGIN = "aws sso login   # or get new credentials as you got these"
_POLICIES = "idp cloud iam   # prints the policies that the role needs"


@dataclass(frozen=True)
class Wanted:
    """The platform that is to stand in the account; `minutes`: of the credentials, None: no end."""

    name: str
    region: str
    domain: str
    profile: CloudProfile
    state_bucket: str
    minutes: float | None = None
    existing: bool = False
    unfit_zones: Collection[str] = ()


#: How to get rid of what has a name that is needed, by kind.
REMOVE = {
    "cluster": "aws eks delete-cluster --name {name} --region {region}",
    "database": "aws rds delete-db-instance --db-instance-identifier {name} --region {region}",
    "repository": "aws ecr delete-repository --repository-name {name} --region {region}",
    "bucket": "aws s3 rb s3://{name}",
    "foreign bucket": "",
    "role": "aws iam delete-role --role-name {name}",
    "log group": "aws logs delete-log-group --log-group-name {name} --region {region}",
}


def judge(found: Survey, wanted: Wanted) -> tuple[Finding, ...]:
    """Every finding about an account, in the order in which a person would fix them."""
    return tuple(finding for look in _LOOKS for finding in look(found, wanted))


def _credentials(found: Survey, wanted: Wanted) -> Iterator[Finding]:
    code, title = "IDP-C020", "credentials"
    if wanted.minutes is None:
        yield Finding(code, title, State.OK, "no known end")
        return
    minutes = max(0, int(wanted.minutes))
    if minutes < SHORTEST and not wanted.existing:
        detail = f"{minutes} minutes left; a first run needs {SHORTEST}"
        yield Finding(code, title, State.FAIL, detail, _LOGIN)
    elif minutes < COMFORTABLE:
        detail = f"{minutes} minutes left; better {COMFORTABLE}"
        yield Finding(code, title, State.WARN, detail, _LOGIN)
    else:
        yield Finding(code, title, State.OK, f"{minutes} minutes left")


def _region(found: Survey, wanted: Wanted) -> Iterator[Finding]:
    code, title, needed = "IDP-C021", "region", wanted.profile.zones
    if isinstance(found.zones, Unknown):
        yield _unread(code, title, found.zones)
        return
    fit = found.zones - set(wanted.unfit_zones)
    detail = f"{wanted.region} has {len(fit)} zones for EKS; profile `{wanted.profile.name}` needs {needed}"
    if len(fit) >= needed:
        yield Finding(code, title, State.OK, detail)
    else:
        remedy = "export AWS_REGION=REGION   # one with more zones, or a --profile with fewer"
        yield Finding(code, title, State.FAIL, detail, remedy)


def _cpus(found: Survey, wanted: Wanted) -> Iterator[Finding]:
    code, title, limit = "IDP-C022", "vCPU quota", wanted.profile.nodes.cpus
    if isinstance(found.cpus, Unknown):
        yield _unread(code, title, found.cpus)
        return
    has = found.cpus.limit
    detail = f"{has:g} vCPUs of On-Demand Standard instances; profile `{wanted.profile.name}` may use {limit}"
    if has >= limit:
        yield Finding(code, title, State.OK, detail)
        return
    enough = has >= LEAST_CPUS
    least = "" if enough else f", a platform needs {LEAST_CPUS} at least"
    state = State.WARN if enough or wanted.existing else State.FAIL
    yield Finding(code, title, state, detail + least, _more(survey.CPUS, limit, wanted))


def _addresses(found: Survey, wanted: Wanted) -> Iterator[Finding]:
    needed = {"none": 0, "one": 1, "per-zone": wanted.profile.zones}[wanted.profile.nat]
    title, what = "Elastic IPs", f"NAT `{wanted.profile.nat}`"
    yield _room("IDP-C023", title, found.addresses, needed, what, survey.ADDRESSES, wanted)


def _networks(found: Survey, wanted: Wanted) -> Iterator[Finding]:
    yield _room("IDP-C024", "VPCs", found.networks, 1, "a platform", survey.NETWORKS, wanted)


def _room(
    code: str,
    title: str,
    has: Allowance | Unknown,
    needed: int,
    what: str,
    quota: tuple[str, str],
    wanted: Wanted,
) -> Finding:
    """Is there room for as many more? An existing platform has its own already."""
    if isinstance(has, Unknown):
        return _unread(code, title, has)
    detail = f"{has.left:g} of {has.limit:g} left; {what} needs {needed}"
    if has.left >= needed or wanted.existing:
        return Finding(code, title, State.OK, detail)
    return Finding(code, title, State.FAIL, detail, _more(quota, has.used + needed, wanted))


def _more(quota: tuple[str, str], value: int, wanted: Wanted) -> str:
    """The command that asks AWS for a larger quota."""
    service, code = quota
    asked = f"--service-code {service} --quota-code {code} --desired-value {value}"
    return f"aws service-quotas request-service-quota-increase {asked} --region {wanted.region}"


def _names(found: Survey, wanted: Wanted) -> Iterator[Finding]:
    code, title = "IDP-C025", "names"
    for one in found.taken:
        yield _unread(code, title, one) if isinstance(one, Unknown) else _taken(one, wanted)
    if not found.taken:
        detail = "the platform's own" if wanted.existing else f"nothing else is called `{wanted.name}`"
        yield Finding(code, title, State.OK, detail)


def _taken(one: Taken, wanted: Wanted) -> Finding:
    where = "is not yours, or may not be looked at" if one.kind == "foreign bucket" else "exists already"
    remove = REMOVE[one.kind].format(name=one.name, region=wanted.region)
    other = "idp up --cloud --name OTHER"
    remedy = f"{remove}   # or: {other}" if remove else other
    kind = one.kind.removeprefix("foreign ")
    return Finding("IDP-C025", "names", State.FAIL, f"the {kind} `{one.name}` {where}", remedy)


def _state(found: Survey, wanted: Wanted) -> Iterator[Finding]:
    code, title, bucket = "IDP-C026", "state", wanted.state_bucket
    if isinstance(found.state_bucket, Unknown):
        yield _unread(code, title, found.state_bucket)
    elif found.state_bucket == "mine":
        yield Finding(code, title, State.OK, f"in the bucket `{bucket}`")
    elif found.state_bucket == "absent":
        yield Finding(code, title, State.FAIL, f"the bucket `{bucket}` does not exist", "idp cloud bootstrap")
    else:
        detail = f"the bucket `{bucket}` may not be read, or belongs to another account"
        yield Finding(code, title, State.FAIL, detail, _POLICIES)


def _domain(found: Survey, wanted: Wanted) -> Iterator[Finding]:
    """The zone first; without exactly one there is nothing that the DNS could agree with."""
    domain, zones = wanted.domain, found.hosted
    if isinstance(zones, Unknown):
        yield _unread("IDP-C027", "hosted zone", zones)
        return
    if len(zones) == 1:
        yield Finding("IDP-C027", "hosted zone", State.OK, f"{domain} ({zones[0].id})")
        yield _delegated(found, wanted, zones[0].servers)
        return
    several = f"several public zones for {domain}: {', '.join(zone.id for zone in zones)}"
    detail = several if zones else f"no public zone for {domain} in this account"
    remedy = "aws route53 delete-hosted-zone --id ID   # all but the one that the domain is delegated to"
    create = f"idp cloud bootstrap --domain {domain}"
    yield Finding("IDP-C027", "hosted zone", State.FAIL, detail, remedy if zones else create)


def _delegated(found: Survey, wanted: Wanted, expected: frozenset[str]) -> Finding:
    code, title, seen = "IDP-C028", "delegation", found.delegation
    if seen.servers == expected:
        return Finding(code, title, State.OK, f"{wanted.domain} leads to its {len(expected)} name servers")
    what = ", ".join(sorted(seen.servers)) or seen.trouble
    detail = f"expected {', '.join(sorted(expected))}; the DNS says: {what}"
    remedy = f"enter the expected servers as NS records of {wanted.domain} where its parent domain is kept"
    return Finding(code, title, State.FAIL, detail, f"{remedy}, then check: dig +short NS {wanted.domain}")


def _unread(code: str, title: str, unknown: Unknown) -> Finding:
    return Finding(code, title, State.WARN, f"not known: {unknown.why}", _POLICIES)


_LOOKS: tuple[Callable[[Survey, Wanted], Iterator[Finding]], ...] = (
    _credentials,
    _region,
    _cpus,
    _addresses,
    _networks,
    _names,
    _state,
    _domain,
)
