"""From profiles and prices to estimates. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import ceil

from bootstrap.cloud import ttl as lifetimes
from bootstrap.cost import assumptions as assumed
from bootstrap.cost.assumptions import HOURS_PER_MONTH, Need, Span
from bootstrap.cost.prices import Price, Table
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.sizing import CloudProfile

_REGION = re.compile(r"^[a-z]{2,5}(-[a-z]+)+-[0-9]+$")


@dataclass(frozen=True)
class Draft:
    """Something that is paid for: how much of which item; `hourly` says whether by the hour or the month.

    `fixed` is what costs the same whether the platform is used or not.
    """

    what: str
    item: str
    quantity: Span
    unit: str
    hourly: bool = True
    fixed: bool = True


@dataclass(frozen=True)
class Line:
    """A draft with its price; USD."""

    draft: Draft
    price: Price

    @property
    def per_hour(self) -> Span:
        amount = self.draft.quantity.times(self.price.usd)
        return amount if self.draft.hourly else amount.times(1 / HOURS_PER_MONTH)

    @property
    def per_month(self) -> Span:
        return self.per_hour.times(HOURS_PER_MONTH)


@dataclass(frozen=True)
class Estimate:
    """What a profile costs in a region, in USD before tax; `hours` is its time to live, 0 where it has none.

    The low bound is a freshly started platform at which nobody works, the high one what the profile allows.
    """

    profile: str
    region: str
    lines: tuple[Line, ...]
    budget: float
    hours: int
    uplift: float

    @property
    def per_hour(self) -> Span:
        return reduce(Span.__add__, (line.per_hour for line in self.lines), Span(0, 0))

    @property
    def per_month(self) -> Span:
        return self.per_hour.times(HOURS_PER_MONTH)

    @property
    def for_life(self) -> Span | None:
        """For its time to live, if it has one."""
        return self.per_hour.times(self.hours) if self.hours else None

    @property
    def due(self) -> Span:
        """What one month's budget is held against: no more than the time to live, where that is shorter."""
        return self.per_hour.times(min(self.hours or HOURS_PER_MONTH, HOURS_PER_MONTH))

    @property
    def over_budget(self) -> bool:
        """Would even the low bound not be covered?"""
        return self.due.low > self.budget

    @property
    def as_of(self) -> str:
        """The date of the oldest price."""
        return min(line.price.as_of for line in self.lines)

    @property
    def unchecked(self) -> int:
        """How many of the lines have a price that nobody has read at AWS."""
        return sum(not line.price.checked for line in self.lines)

    @property
    def borrowed(self) -> tuple[Line, ...]:
        """Lines whose price is that of another region, raised."""
        return tuple(line for line in self.lines if line.price.region != self.region)


def estimate(
    profiles: Sequence[CloudProfile], region: str, table: Table, secrets: int, ttl: str = ""
) -> list[Estimate]:
    """One estimate per profile, for the time to live that is asked for or that the profile has.

    `secrets` is how many entries of Secrets Manager the stack makes. Raises IDP-C062, IDP-C030, and
    IDP-C061 with all prices at once that the table does not know.
    """
    if not _REGION.match(region):
        raise IdpError(
            "IDP-C062",
            f"`{region}` is not the name of an AWS region",
            "names look like eu-central-1",
            "idp cost --region eu-central-1",
            exit_code=WRONG_USE,
        )
    drafts = {profile.name: list(drafted(profile, secrets, region, table)) for profile in profiles}
    _refuse_unknown(table, region, {draft.item for each in drafts.values() for draft in each})
    return [
        Estimate(
            profile.name,
            region,
            tuple(Line(draft, table.known(region, draft.item)) for draft in drafts[profile.name]),
            profile.budget_usd_month,
            _hours(ttl or profile.ttl_default),
            table.uplift,
        )
        for profile in profiles
    ]


def nodes(profile: CloudProfile) -> Span:
    """How many representative nodes: as many as an idle platform needs, as many as the limits allow."""
    room = Need(assumed.NODE.cpus - assumed.KEPT.cpus, assumed.NODE.memory_gib - assumed.KEPT.memory_gib)
    low = max(assumed.IDLE.cpus / room.cpus, assumed.IDLE.memory_gib / room.memory_gib)
    limits, node = profile.nodes, assumed.NODE
    high = max(limits.cpus / node.cpus, limits.memory_gib / node.memory_gib)
    return Span(ceil(low), max(ceil(low), ceil(high)))


def drafted(profile: CloudProfile, secrets: int, region: str, table: Table) -> Iterator[Draft]:
    """Everything that is paid for, dearest concerns first; what a profile has none of is left out."""
    everything = (
        Draft("EKS control plane", "eks-cluster", Span(1, 1), "cluster"),
        *_machines("nodes", assumed.NODE_TYPE, nodes(profile)),
        *_gpus(profile, region, table),
        *_network(profile),
        *_database(profile),
        Draft("volumes", "ebs-gp3", assumed.VOLUMES_GIB, "GiB", hourly=False, fixed=False),
        Draft("buckets", "s3", assumed.OBJECTS_GB, "GB", hourly=False, fixed=False),
        Draft("images", "ecr", assumed.IMAGES_GB, "GB", hourly=False, fixed=False),
        Draft("logs", "log-gb", assumed.LOGS_GB, "GB", hourly=False, fixed=False),
        Draft("secrets", "secret", Span(secrets, secrets), "secret", hourly=False),
        Draft("keys", "key", Span(2, 2), "key", hourly=False),
        Draft("DNS zone", "zone", Span(1, 1), "zone", hourly=False),
    )
    return (draft for draft in everything if draft.quantity.high)


def kinds(profile: CloudProfile) -> set[str]:
    """Items that exist per instance type or class, of everything that the profile might choose."""
    types = [assumed.NODE_TYPE, *(profile.gpu.instance_types if profile.gpu else ())]
    database = f"rds:{profile.database.instance_class}"
    return {database, *(f"{item}:{kind}" for kind in types for item in ("instance", "auto"))}


def _machines(what: str, kind: str, count: Span) -> tuple[Draft, ...]:
    """Instances, what Auto Mode takes for running them, and their disks."""
    return (
        Draft(f"{what} ({kind})", f"instance:{kind}", count, "node", fixed=False),
        Draft(f"Auto Mode for {what}", f"auto:{kind}", count, "node", fixed=False),
        Draft(
            f"disks of {what}",
            "ebs-gp3",
            count.times(assumed.NODE_DISK_GIB),
            "GiB",
            hourly=False,
            fixed=False,
        ),
    )


def _gpus(profile: CloudProfile, region: str, table: Table) -> tuple[Draft, ...]:
    """None while nobody asks for one; at most so many of the dearest type allowed."""
    if profile.gpu is None:
        return ()

    def price(kind: str) -> float:
        known = table.price(region, f"instance:{kind}")
        return known.usd if known else float("inf")  # so that an unknown one is named, not passed over

    dearest = max(profile.gpu.instance_types, key=price)
    return _machines("GPU nodes", dearest, Span(0, profile.gpu.max_nodes))


def _network(profile: CloudProfile) -> tuple[Draft, ...]:
    """Ways in and out. A load balancer has a public address in every zone, where it faces the internet."""
    gateways, interfaces = profile.gateways, len(profile.endpoints) * profile.zones
    by_nat = assumed.WAY_OUT_GB.times(1 if gateways else 0)
    by_endpoint = assumed.WAY_OUT_GB.times(1 if interfaces else 0)
    addresses = Span(gateways + profile.zones, gateways + profile.zones)
    return (
        Draft("NAT gateways", "nat-hour", Span(gateways, gateways), "gateway"),
        Draft("data through NAT", "nat-gb", by_nat, "GB", hourly=False, fixed=False),
        Draft("interface endpoints", "endpoint-hour", Span(interfaces, interfaces), "endpoint in a zone"),
        Draft("data through endpoints", "endpoint-gb", by_endpoint, "GB", hourly=False, fixed=False),
        Draft("load balancer", "alb-hour", Span(1, 1), "load balancer"),
        Draft("its capacity", "lcu-hour", assumed.LCU, "LCU", fixed=False),
        Draft("public IPv4 addresses", "ipv4-hour", addresses, "address"),
        Draft("data to the internet", "out-gb", assumed.OUT_GB, "GB", hourly=False, fixed=False),
    )


def _database(profile: CloudProfile) -> tuple[Draft, ...]:
    """PostgreSQL: a standby doubles it (RDS user guide); storage grows to four times, as the engine allows.

    Backups are free up to the size of the storage (Amazon RDS pricing; from memory).
    """
    size, times = profile.database, 2 if profile.database.multi_az else 1
    storage = Span(size.storage_gib, size.storage_gib * 4).times(times)
    backups = Span(0, size.storage_gib)
    what = f"database ({size.instance_class}{', in two zones' if size.multi_az else ''})"
    return (
        Draft(what, f"rds:{size.instance_class}", Span(times, times), "instance"),
        Draft("its storage", "rds-storage", storage, "GiB", hourly=False, fixed=False),
        Draft("its backups", "rds-backup", backups, "GiB", hourly=False, fixed=False),
    )


def _refuse_unknown(table: Table, region: str, items: set[str]) -> None:
    unknown = sorted(item for item in items if table.price(region, item) is None)
    if unknown:
        raise IdpError(
            "IDP-C061",
            f"{len(unknown)} price{'s' if len(unknown) > 1 else ''} in {region} unknown",
            "neither the region nor us-east-1 has them in the table",
            f"idp cost --refresh --region {region}   # and with the same --stack",
            [f"no price of `{item}`" for item in unknown],
        )


def _hours(ttl: str) -> int:
    """0 where there is none."""
    return round(lifetimes.parse(ttl).total_seconds() / 3600) if ttl else 0
