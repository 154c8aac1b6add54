"""Data that outlives its platform: kept, found again, discarded; asked of moto over HTTP."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from bootstrap.cloud import buckets, keep, kept, protection
from bootstrap.cloud.kept import Kept, Snapshot, Volume
from bootstrap.cloud.session import Aws, connect
from bootstrap.errors import IdpError
from bootstrap.progress import Event, Progress, silent

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "kept.yaml").read_text())
EARLY, LATE = datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 25, 10, tzinfo=UTC)


def snapshots(case: dict[str, Any]) -> list[Snapshot]:
    return [
        Snapshot(
            id_,
            {
                kept.AT: at,
                kept.OF: str(of["of"]),
                kept.KEPT: kept.DATABASE if what == "database" else kept.VOLUME,
                **({} if what == "database" else {kept.CLAIM: what}),
            },
            "pending" if id_ in of.get("pending", ()) else "completed",
        )
        for at, of in case["sets"].items()
        for id_, what in of["has"].items()
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_found_again(case: dict[str, Any]) -> None:
    found = kept.found(snapshots(case))
    assert found.at == case.get("at", "")
    assert found.database == case["database"]
    assert {volume.claim: volume.snapshot for volume in found.volumes} == case["volumes"]
    assert bool(found) is bool(case["database"] or case["volumes"])


@pytest.mark.parametrize(
    ("size", "gib"), [("20Gi", 20), ("1Ti", 1024), ("1500Mi", 2), ("1G", 1), ("2147483649", 3)]
)
def test_sizes_are_rounded_up_to_what_ebs_counts_in(size: str, gib: int) -> None:
    assert Volume("snap-1", "ml/data", size).gib == gib


def persistent(claim: str, volume: str, phase: str = "Bound", driver: str = kept.DRIVER) -> dict[str, Any]:
    namespace, name = claim.split("/")
    return {
        "metadata": {"name": f"pv-{name}"},
        "spec": {
            "capacity": {"storage": "20Gi"},
            "storageClassName": "eks-ebs",
            "claimRef": {"namespace": namespace, "name": name},
            "csi": {"driver": driver, "volumeHandle": volume, "fsType": "xfs"},
        },
        "status": {"phase": phase},
    }


class Listing:
    """A cluster with these volumes."""

    def __init__(self, *volumes: dict[str, Any]) -> None:
        self.volumes = volumes

    def list(self, kind: str) -> list[dict[str, Any]]:
        assert kind == "v1/PersistentVolume"
        return list(self.volumes)


def claims(*volumes: dict[str, Any]) -> tuple[keep.Claim, ...]:
    return keep.claims(Listing(*volumes))  # type: ignore[arg-type]


def test_only_volumes_of_the_driver_that_are_in_use_are_claims() -> None:
    going = persistent("ml/going", "vol-4")
    going["metadata"]["deletionTimestamp"] = "2026-11-24T00:00:00Z"
    found = claims(
        persistent("ml/data", "vol-1"),
        persistent("ml/other", "vol-2", driver="nfs"),
        persistent("ml/released", "vol-3", phase="Released"),
        going,
    )
    assert found == (keep.Claim("vol-1", Volume("", "ml/data", "20Gi", "eks-ebs", "xfs")),)


def database(aws: boto3.Session, name: str = "idp", protected: bool = False) -> None:
    aws.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="idp_admin",
        MasterUserPassword="x" * 20,
        DeletionProtection=protected,
    )


def volume(aws: boto3.Session, **marks: str) -> str:
    listed = [{"Key": key.replace("_", ":"), "Value": value} for key, value in marks.items()]
    specifications = [{"ResourceType": "volume", "Tags": listed}] if listed else []
    made = aws.client("ec2").create_volume(
        AvailabilityZone="eu-central-1a", Size=20, TagSpecifications=specifications
    )
    return str(made["VolumeId"])


def test_everything_is_kept_under_one_moment_and_found_by_tag(aws: boto3.Session) -> None:
    database(aws)
    held = claims(persistent("ml/data", volume(aws)), persistent("gitea/repositories", volume(aws)))
    found = keep.keep(connect(), "idp", held, silent(), now=EARLY)
    assert found == keep.kept(connect(), "idp")
    assert found.at == "20261124100000"
    assert found.database == "idp-kept-20261124100000"
    assert [(v.claim, v.size, v.storage_class, v.filesystem) for v in found.volumes] == [
        ("gitea/repositories", "20Gi", "eks-ebs", "xfs"),
        ("ml/data", "20Gi", "eks-ebs", "xfs"),
    ]
    listed = aws.client("ec2").describe_snapshots(SnapshotIds=[found.volumes[1].snapshot])["Snapshots"][0]
    assert {t["Key"]: t["Value"] for t in listed["Tags"]} == {
        "idp:instance": "idp",
        "idp:managed-by": "idp",
        "idp:kept": "volume",
        "idp:kept-at": "20261124100000",
        "idp:kept-of": "3",
        "idp:claim": "ml/data",
        "idp:size": "20Gi",
        "idp:class": "eks-ebs",
        "idp:filesystem": "xfs",
        "eks:eks-cluster-name": "idp",
    }


def test_another_platform_s_data_is_not_ours(aws: boto3.Session) -> None:
    database(aws, "other")
    keep.keep(connect(), "other", claims(persistent("ml/data", volume(aws))), silent(), now=EARLY)
    assert not keep.kept(connect(), "idp")
    assert keep.discard(connect(), "idp", silent()) == 0
    assert keep.kept(connect(), "other")


def test_a_down_that_is_run_again_loses_nothing_that_is_gone_by_then(aws: boto3.Session) -> None:
    database(aws)
    keep.keep(connect(), "idp", claims(persistent("ml/data", volume(aws))), silent(), now=EARLY)
    aws.client("rds").delete_db_instance(DBInstanceIdentifier="idp", SkipFinalSnapshot=True)
    found = keep.keep(connect(), "idp", (), silent(), now=LATE)
    assert found.database == "idp-kept-20261124100000"
    assert [v.claim for v in found.volumes] == ["ml/data"]


def test_a_request_that_was_heard_twice_does_no_harm(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    database(aws)
    once = keep._of_database

    def twice(*args: Any) -> None:
        once(*args)
        once(*args)

    monkeypatch.setattr(keep, "_of_database", twice)
    assert keep.keep(connect(), "idp", (), silent(), now=EARLY).database == "idp-kept-20261124100000"


def test_a_platform_without_data_keeps_nothing(aws: boto3.Session) -> None:
    assert not keep.keep(connect(), "idp", (), silent())


def test_discarding_removes_every_set(aws: boto3.Session) -> None:
    database(aws)
    held = claims(persistent("ml/data", volume(aws)))
    for moment in (EARLY, LATE):
        keep.keep(connect(), "idp", held, silent(), now=moment)
    assert keep.discard(connect(), "idp", silent()) == 4
    assert not keep.kept(connect(), "idp")
    assert aws.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"] == []
    assert keep.discard(connect(), "idp", silent()) == 0


@pytest.mark.parametrize(
    ("states", "code"),
    [(["pending", "completed"], None), (["pending", "error"], "IDP-C054"), (["pending"] * 9, "IDP-C054")],
    ids=["ready at last", "AWS gives up", "we give up"],
)
def test_snapshots_are_waited_for(
    states: list[str], code: str | None, aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto's snapshots are ready at once, so that the listing of volumes' snapshots is played here."""
    marks = {kept.AT: "20261124100000", kept.OF: "1", kept.KEPT: kept.VOLUME, kept.CLAIM: "ml/data"}
    answers = iter([*states, states[-1], states[-1]])
    monkeypatch.setattr(
        keep, "_volume_snapshots", lambda aws, name: [Snapshot("snap-1", marks, next(answers))]
    )
    events: list[Event] = []
    pauses: list[float] = []
    held = claims(persistent("ml/data", volume(aws)))
    timeout = 3600.0 if len(states) == 2 else -1.0
    with nullcontext() if code is None else pytest.raises(IdpError, match=code):
        found = keep.keep(
            connect(), "idp", held, Progress(events.append), now=EARLY, timeout=timeout, pause=pauses.append
        )
        assert found.volumes[0].claim == "ml/data"
    if len(states) == 2:
        assert pauses
        assert any("0 of 1 snapshots are ready; waiting up to" in event.text for event in events)


def test_restored_volumes_that_nobody_claimed_go(aws: boto3.Session) -> None:
    unclaimed = volume(aws, idp_instance="idp", idp_kept="volume")
    others = {volume(aws, idp_instance="other", idp_kept="volume"), volume(aws, idp_instance="idp")}
    assert keep.remove_unclaimed(connect(), "idp") == [unclaimed]
    assert {v["VolumeId"] for v in aws.client("ec2").describe_volumes()["Volumes"]} == others


def bucket(aws: boto3.Session, name: str, objects: int) -> Any:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for number in range(objects):
        s3.put_object(Bucket=name, Key=f"runs/{number}", Body=b"1")
    return s3


def test_a_bucket_is_emptied_of_versions_and_markers(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "_BATCH", 5)
    monkeypatch.setattr(buckets, "_AT_ONCE", 2)
    s3 = bucket(aws, "idp-models", 23)
    s3.put_object(Bucket="idp-models", Key="runs/0", Body=b"2")
    s3.delete_object(Bucket="idp-models", Key="runs/1")
    assert buckets.empty(connect(), ["idp-models", "idp-gone"], silent()) == 25
    s3.delete_bucket(Bucket="idp-models")
    assert buckets.empty(connect(), ["idp-models"], silent()) == 0


def test_what_s3_does_not_remove_is_named(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto removes whatever it is asked to, so that the refusal is played here."""
    bucket(aws, "idp-models", 1)
    real = Aws.client

    def client(self: Aws, service: str, region: str = "") -> Any:
        made = real(self, service, region)
        refusal = {"Errors": [{"Key": "runs/0", "Code": "AccessDenied", "Message": "object lock"}]}
        made.delete_objects = lambda **_: refusal
        return made

    monkeypatch.setattr(Aws, "client", client)
    with pytest.raises(IdpError) as caught:
        buckets.empty(connect(), ["idp-models"], silent())
    assert caught.value.code == "IDP-C052"
    assert caught.value.faults == ["runs/0: AccessDenied object lock"]


def test_what_does_not_exist_is_not_protected(aws: boto3.Session) -> None:
    assert protection.protected(connect(), "idp") == ()
    protection.refuse(connect(), "idp")
    protection.lift(connect(), "idp", silent())


def test_data_behind_protection_is_not_deleted_in_one_step(aws: boto3.Session) -> None:
    database(aws, protected=True)
    with pytest.raises(IdpError) as caught:
        protection.refuse(connect(), "idp")
    assert caught.value.code == "IDP-C053"
    first, second = caught.value.fix.splitlines()
    assert "--delete-data" not in first.partition("#")[0]
    assert "--delete-data" in second


def test_lifting_lets_the_database_go(aws: boto3.Session) -> None:
    database(aws, protected=True)
    rds = aws.client("rds")
    with pytest.raises(rds.exceptions.ClientError):
        rds.delete_db_instance(DBInstanceIdentifier="idp", SkipFinalSnapshot=True)
    protection.lift(connect(), "idp", silent(), pause=lambda _: None)
    rds.delete_db_instance(DBInstanceIdentifier="idp", SkipFinalSnapshot=True)


class Eks:
    """A protected cluster that takes its time over a change."""

    def __init__(self) -> None:
        self.answers = [
            {"deletionProtection": True, "status": "ACTIVE"},
            {"deletionProtection": True, "status": "UPDATING"},
            {"deletionProtection": False, "status": "UPDATING"},
            {"deletionProtection": False, "status": "ACTIVE"},
        ]
        self.asked: list[dict[str, Any]] = []

    def describe_cluster(self, name: str) -> dict[str, Any]:
        return {"cluster": self.answers[0]}

    def update_cluster_config(self, **asked: Any) -> None:
        self.asked.append(asked)


def test_the_cluster_s_protection_is_lifted_and_waited_for(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto's EKS knows no deletion protection, so that its cluster is played here."""
    eks, real = Eks(), Aws.client
    monkeypatch.setattr(
        Aws, "client", lambda self, service, region="": eks if service == "eks" else real(self, service)
    )

    def pause(_: float) -> None:
        eks.answers.pop(0)

    protection.lift(connect(), "idp", silent(), pause=pause)
    assert eks.asked == [{"name": "idp", "deletionProtection": False}]
    assert len(eks.answers) == 1


def test_nothing_kept_is_falsy() -> None:
    assert not Kept()
