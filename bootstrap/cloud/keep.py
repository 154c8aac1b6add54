"""Keep a platform's data beyond its removal: snapshots of its database and of the volumes of its claims."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bootstrap import kube, parallel
from bootstrap.cloud import kept as sets
from bootstrap.cloud import tags
from bootstrap.cloud.kept import Kept, Snapshot, Volume
from bootstrap.cloud.session import Aws, explained
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter, Step

#: Seconds between two questions whether snapshots are ready, and after which they are given up. A first
#: snapshot of a large volume takes hours; an estimate, not measured.
_PAUSE, TIMEOUT = 10.0, 4 * 3600.0
#: Phases of a PersistentVolume with data: claimed, or restored and not claimed yet.
_IN_USE = ("Bound", "Available")
_MISSING = ("DBInstanceNotFound", "DBInstanceNotFoundFault")


@dataclass(frozen=True)
class Claim:
    """A claim's volume in EBS, with what it takes to make it anew."""

    volume: str
    described: Volume


def claims(cluster: kube.Cluster) -> tuple[Claim, ...]:
    """The claims on volumes of the cluster's own driver; those that are on their way out were kept before."""
    return tuple(
        claim for volume in cluster.list("v1/PersistentVolume") if (claim := _claim(volume)) is not None
    )


def keep(
    aws: Aws,
    name: str,
    held: Iterable[Claim],
    reporter: Reporter,
    *,
    now: datetime | None = None,
    timeout: float = TIMEOUT,
    pause: Callable[[float], None] = time.sleep,
) -> Kept:
    """Make one set of snapshots and wait until AWS has them; returns all that is kept now.

    A repetition makes a new set of what is still there; see `kept`. Raises IDP-C054 where a snapshot fails
    or is not ready after `timeout` seconds: nothing was removed then.
    """
    at = (now or datetime.now(UTC)).strftime("%Y%m%d%H%M%S")
    claimed, database = tuple(held), _has_database(aws, name)
    common = {
        tags.INSTANCE: name,
        tags.MANAGED_BY: tags.PREFIX,
        sets.AT: at,
        sets.OF: str(len(claimed) + database),
    }
    with reporter.step("keep the data") as step:
        calls = [partial(_of_volume, aws, name, claim, common) for claim in claimed]
        if database:
            calls.append(partial(_of_database, aws, name, at, common))
        parallel.gather(calls)
        _await(aws, name, at, len(calls), step, timeout, pause)
        found = kept(aws, name)
        step.note(f"kept: {_said(found)}")
    return found


def kept(aws: Aws, name: str) -> Kept:
    """What is kept of a platform of that name in this account and region."""
    return sets.found(_snapshots(aws, name))


def discard(aws: Aws, name: str, reporter: Reporter) -> int:
    """Remove every snapshot that was ever kept of a platform, finished or not; returns how many."""
    doomed = _snapshots(aws, name)
    if doomed:
        with reporter.step(f"remove {len(doomed)} snapshots of kept data"):
            parallel.gather([partial(_remove, aws, snapshot) for snapshot in doomed])
    return len(doomed)


def remove_unclaimed(aws: Aws, name: str) -> list[str]:
    """Remove restored volumes that no claim ever took, and that Kubernetes therefore never removes.

    To be called when the cluster's claims are gone; one that is still attached is left to the leak check.
    """
    ec2 = aws.client("ec2")
    wanted = {f"tag:{tags.INSTANCE}": name, f"tag:{sets.KEPT}": sets.VOLUME, "status": "available"}
    with explained("listing volumes that were restored"):
        pages = ec2.get_paginator("describe_volumes").paginate(Filters=_filters(wanted))
        found = [volume["VolumeId"] for page in pages for volume in page["Volumes"]]
    for volume in found:
        with explained(f"removing the volume {volume}"):
            ec2.delete_volume(VolumeId=volume)
    return found


def _claim(volume: kube.Object) -> Claim | None:
    spec = volume["spec"]
    driver, reference = spec.get("csi") or {}, spec.get("claimRef")
    leaving = volume["metadata"].get("deletionTimestamp") or volume["status"].get("phase") not in _IN_USE
    if driver.get("driver") != sets.DRIVER or not reference or leaving:
        return None
    described = Volume(
        "",
        f"{reference['namespace']}/{reference['name']}",
        spec["capacity"]["storage"],
        spec.get("storageClassName") or "",
        driver.get("fsType") or "ext4",
    )
    return Claim(driver["volumeHandle"], described)


def _has_database(aws: Aws, name: str) -> bool:
    from botocore.exceptions import ClientError

    with explained("looking for the database"):
        try:
            found = aws.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return False
            raise
    # One that is being deleted was kept by the run that deletes it.
    return any(instance["DBInstanceStatus"] != "deleting" for instance in found)


def _of_volume(aws: Aws, name: str, claim: Claim, common: Mapping[str, str]) -> None:
    said = claim.described
    marks = {
        **common,
        sets.KEPT: sets.VOLUME,
        sets.CLAIM: said.claim,
        sets.SIZE: said.size,
        sets.CLASS: said.storage_class,
        sets.FILESYSTEM: said.filesystem,
        sets.CLUSTER_NAME: name,
    }
    with explained(f"making a snapshot of the volume of {said.claim}"):
        aws.client("ec2").create_snapshot(
            VolumeId=claim.volume,
            Description=f"idp {name}: {said.claim}",
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": _tags(marks)}],
        )


def _of_database(aws: Aws, name: str, at: str, common: Mapping[str, str]) -> None:
    with explained("making a snapshot of the database"):
        rds = aws.client("rds")
        # A request that got no answer is sent again, and may have been heard the first time.
        with suppress(rds.exceptions.DBSnapshotAlreadyExistsFault):
            rds.create_db_snapshot(
                DBInstanceIdentifier=name,
                DBSnapshotIdentifier=f"{name}-kept-{at}",
                Tags=_tags({**common, sets.KEPT: sets.DATABASE}),
            )


def _await(
    aws: Aws, name: str, at: str, count: int, step: Step, timeout: float, pause: Callable[[float], None]
) -> None:
    """Wait until every member of the set is ready, saying how many are."""
    deadline, said = time.monotonic() + timeout, -1
    while True:
        members = [s for s in _snapshots(aws, name) if s.tags.get(sets.AT) == at]
        ready = len(sets.subjects(s for s in members if s.done))
        if ready >= count:
            return
        progress = f"{ready} of {count} snapshots are ready"
        if failed := [s.id for s in members if s.failed]:
            raise _unfinished(f"AWS could not make {', '.join(failed)}")
        if time.monotonic() > deadline:
            raise _unfinished(f"{progress} after {timeout / 60:.0f} minutes")
        if ready != said:
            said = ready
            step.note(f"{progress}; waiting up to {timeout / 60:.0f} minutes")
        pause(_PAUSE)


def _snapshots(aws: Aws, name: str) -> list[Snapshot]:
    """All that were ever kept of the platform, whatever became of them."""
    return [*_database_snapshots(aws, name), *_volume_snapshots(aws, name)]


def _database_snapshots(aws: Aws, name: str) -> list[Snapshot]:
    # RDS filters by no tag, but says them with each snapshot. One of a deleted instance has its name still.
    with explained("listing snapshots of the database"):
        pages = (
            aws.client("rds")
            .get_paginator("describe_db_snapshots")
            .paginate(DBInstanceIdentifier=name, SnapshotType="manual")
        )
        listed = [snapshot for page in pages for snapshot in page["DBSnapshots"]]
    found = [Snapshot(s["DBSnapshotIdentifier"], _read(s.get("TagList")), s["Status"]) for s in listed]
    return [snapshot for snapshot in found if snapshot.tags.get(sets.KEPT) == sets.DATABASE]


def _volume_snapshots(aws: Aws, name: str) -> list[Snapshot]:
    wanted = {f"tag:{tags.INSTANCE}": name, f"tag:{sets.KEPT}": sets.VOLUME}
    with explained("listing snapshots of volumes"):
        pages = (
            aws.client("ec2")
            .get_paginator("describe_snapshots")
            .paginate(OwnerIds=["self"], Filters=_filters(wanted))
        )
        listed = [snapshot for page in pages for snapshot in page["Snapshots"]]
    return [Snapshot(s["SnapshotId"], _read(s.get("Tags")), s["State"]) for s in listed]


def _remove(aws: Aws, snapshot: Snapshot) -> None:
    with explained(f"removing the snapshot {snapshot.id}"):
        if snapshot.tags.get(sets.KEPT) == sets.DATABASE:
            aws.client("rds").delete_db_snapshot(DBSnapshotIdentifier=snapshot.id)
        else:
            aws.client("ec2").delete_snapshot(SnapshotId=snapshot.id)


def _said(found: Kept) -> str:
    database = ["the database"] if found.database else []
    return ", ".join([*database, *(volume.claim for volume in found.volumes)]) or "nothing, there is no data"


def _unfinished(why: str) -> IdpError:
    return IdpError(
        "IDP-C054",
        "the data could not be kept; nothing was removed",
        why,
        "run the command again   # or give the data up: idp down --cloud --delete-data",
    )


def _tags(marks: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in marks.items()]


def _read(listed: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed or ()}


def _filters(wanted: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"Name": key, "Values": [value]} for key, value in wanted.items()]
