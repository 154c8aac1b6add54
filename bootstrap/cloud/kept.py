"""Data that outlives its platform, as its tags tell: which snapshots belong together; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bootstrap.cloud import tags

#: What a snapshot holds, of which claim, how large, in which class and file system.
KEPT, CLAIM, SIZE = f"{tags.PREFIX}:kept", f"{tags.PREFIX}:claim", f"{tags.PREFIX}:size"
CLASS, FILESYSTEM = f"{tags.PREFIX}:class", f"{tags.PREFIX}:filesystem"
#: The moment that made the set, and how many members it has: one that was cut short counts for nothing.
AT, OF = f"{tags.PREFIX}:kept-at", f"{tags.PREFIX}:kept-of"
DATABASE, VOLUME = "database", "volume"
#: Auto Mode's role may touch only volumes of its own cluster, told by this tag (AmazonEKSBlockStoragePolicy).
CLUSTER_NAME = "eks:eks-cluster-name"
#: The driver of Auto Mode's volumes (EKS user guide, Auto Mode: StorageClass).
DRIVER = "ebs.csi.eks.amazonaws.com"

_BINARY = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_DECIMAL = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_QUANTITY = re.compile(r"^([0-9]+)([A-Za-z]*)$")


@dataclass(frozen=True)
class Snapshot:
    """A snapshot as AWS lists it, in RDS's words for its state or in EC2's."""

    id: str
    tags: Mapping[str, str]
    state: str = "completed"

    @property
    def done(self) -> bool:
        return self.state in ("available", "completed")

    @property
    def failed(self) -> bool:
        return self.state in ("failed", "error")


@dataclass(frozen=True)
class Volume:
    """A claim's data: the claim as `NAMESPACE/NAME`, its size as Kubernetes writes it."""

    snapshot: str
    claim: str
    size: str
    storage_class: str = ""
    filesystem: str = "ext4"

    @property
    def namespace(self) -> str:
        return self.claim.partition("/")[0]

    @property
    def name(self) -> str:
        return self.claim.partition("/")[2]

    @property
    def gib(self) -> int:
        """The size in whole GiB, in which EBS counts, rounded up."""
        return -(-_bytes(self.size) // 2**30)


@dataclass(frozen=True)
class Kept:
    """All that is kept of one platform; `at` is the newest set's moment (YYYYMMDDhhmmss)."""

    at: str = ""
    database: str = ""
    volumes: tuple[Volume, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.database or self.volumes)


def found(snapshots: Iterable[Snapshot]) -> Kept:
    """The newest complete set, with what only an older complete one holds.

    A `down` that was killed has removed some data already when it is run again. The set that it makes then
    lacks what is gone, and the older one still has it.
    """
    sets: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        if snapshot.done and snapshot.tags.get(AT):
            sets.setdefault(snapshot.tags[AT], []).append(snapshot)
    complete = sorted(
        at for at, members in sets.items() if len(subjects(members)) >= int(members[0].tags.get(OF, 1))
    )
    newest: dict[str, Snapshot] = {}
    for at in complete:
        newest |= {subject(member): member for member in sets[at]}
    database = newest.pop(DATABASE, None)
    volumes = tuple(volume_of(newest[what]) for what in sorted(newest))
    return Kept(complete[-1] if complete else "", database.id if database else "", volumes)


def volume_of(snapshot: Snapshot) -> Volume:
    """The claim that a snapshot's tags describe."""
    said = snapshot.tags
    return Volume(
        snapshot.id,
        said[CLAIM],
        said.get(SIZE, "1Gi"),
        said.get(CLASS, ""),
        said.get(FILESYSTEM) or "ext4",
    )


def subjects(snapshots: Iterable[Snapshot]) -> frozenset[str]:
    """What the snapshots hold; a request that was sent twice made two of one subject."""
    return frozenset(map(subject, snapshots))


def subject(snapshot: Snapshot) -> str:
    """The database, or the claim."""
    return DATABASE if snapshot.tags.get(KEPT) == DATABASE else snapshot.tags[CLAIM]


def _bytes(quantity: str) -> int:
    read = _QUANTITY.match(quantity)
    unit = {**_BINARY, **_DECIMAL}.get(read[2]) if read else None
    if read is None or unit is None:
        raise ValueError(f"not a whole quantity: {quantity}")
    return int(read[1]) * unit
