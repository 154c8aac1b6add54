"""How large a platform is in a cloud: a profile of the stack definition, resolved."""

from __future__ import annotations

from dataclasses import dataclass

#: What nodes and controllers call where no way leads to the internet (EKS user guide, private clusters).
ENDPOINTS = (
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "logs",
    "secretsmanager",
    "sts",
)


@dataclass(frozen=True)
class DatabaseSize:
    """The managed PostgreSQL of a cloud profile: GiB of storage, days that backups are kept."""

    instance_class: str
    storage_gib: int
    multi_az: bool
    backup_days: int
    deletion_protection: bool


@dataclass(frozen=True)
class Gpu:
    """Which instance types may bring GPUs, and how many nodes of them at most."""

    instance_types: tuple[str, ...]
    max_nodes: int


@dataclass(frozen=True)
class NodeLimits:
    """What all ordinary nodes together may come to."""

    cpus: int
    memory_gib: int


@dataclass(frozen=True)
class RegistryLimits:
    """How many tagged images a repository keeps, and for how many days untagged ones."""

    keep: int
    untagged_days: int


@dataclass(frozen=True)
class CloudProfile:
    """A sizing profile of a cloud target; `nat` is none, one or per-zone, empty CIDRs mean a private API."""

    name: str
    zones: int
    nat: str
    public_cidrs: tuple[str, ...]
    database: DatabaseSize
    log_days: int
    gpu: Gpu | None
    budget_usd_month: float
    nodes: NodeLimits
    registry: RegistryLimits = RegistryLimits(keep=50, untagged_days=7)
    ttl_default: str = ""

    @property
    def gateways(self) -> int:
        """How many NAT gateways lead out."""
        return {"none": 0, "one": 1, "per-zone": self.zones}[self.nat]

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Services that the network reaches by an interface endpoint in every zone."""
        return ENDPOINTS if self.nat == "none" else ()
