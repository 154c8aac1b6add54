"""How a stack definition says how large the platform is in a cloud."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bootstrap.shapes import Label, Strict


class DatabaseEntry(Strict):
    instance_class: str = Field(alias="class", pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")
    storage_gib: int = Field(ge=20, le=65536)  # what RDS allows for gp3
    multi_az: bool = False
    backup_days: int = Field(ge=1, le=35)  # 0 would turn backups off; RDS keeps 35 at most
    deletion_protection: bool = False


class GpuEntry(Strict):
    instance_types: list[str] = Field(min_length=1)
    max_nodes: int = Field(ge=1)


class NodesEntry(Strict):
    cpus: int = Field(ge=2)
    memory_gib: int = Field(ge=4)


class RegistryEntry(Strict):
    keep: int = Field(default=50, ge=1)
    untagged_days: int = Field(default=7, ge=1)


def _cidr(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise ValueError(f"must be a network such as 192.0.2.0/24: {error}") from None


class ApiEntry(Strict):
    public_cidrs: list[Annotated[str, AfterValidator(_cidr)]] = []


#: For how many days CloudWatch can keep logs; it knows no other figures up to a year.
LOG_DAYS = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365]


class ProfileEntry(Strict):
    zones: int = Field(ge=2, le=6)  # EKS and RDS want two; a subnet per zone fits into the network six times
    nat: Literal["none", "one", "per-zone"]
    api: ApiEntry = ApiEntry()
    database: DatabaseEntry
    registry: RegistryEntry = RegistryEntry()
    log_days: LOG_DAYS
    admission: Literal["any", "signed"] | None = None
    gpu: GpuEntry | None = None
    budget_usd_month: float = Field(gt=0)
    nodes: NodesEntry
    ttl_default: str = Field(default="", pattern=r"^([1-9][0-9]*[hd])?$")


class CloudEntry(Strict):
    """How large the platform is in a cloud; part of a stack definition."""

    profiles: dict[Label, ProfileEntry] = Field(min_length=1)
    default_profile: str = "team"
