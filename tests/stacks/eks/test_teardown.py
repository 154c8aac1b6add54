"""The order of a removal: data is kept before anything goes, and protection falls last."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from bootstrap.cloud import keep, protection, release
from bootstrap.cloud.session import connect
from bootstrap.errors import IdpError
from bootstrap.instance import Instance
from bootstrap.progress import silent
from stacks.eks import teardown
from stacks.eks.engine import ENGINE
from stacks.state import Recorded
from tests.stacks.eks.support import plan, profile, supply

REGION = "eu-central-1"
KNOWN = Instance("idp", "cloud", "reference", "", 443, 16443, domain="idp.example.org", region=REGION)
BUCKET = Recorded(
    ({"urn": "b", "type": "aws:s3/bucket:Bucket", "outputs": {"bucket": "idp-models"}, "delete": False},)
)


def given(aws: boto3.Session, *, protected: bool) -> Any:
    """A database and a bucket with one object; the cluster does not answer."""
    aws.client("rds").create_db_instance(
        DBInstanceIdentifier="idp",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="idp_admin",
        MasterUserPassword="x" * 20,
        DeletionProtection=protected,
    )
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="idp-models", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="idp-models", Key="run", Body=b"1")
    return s3


def objects(s3: Any) -> int:
    return int(s3.list_objects_v2(Bucket="idp-models")["KeyCount"])


def test_by_default_data_is_kept_before_anything_is_removed(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = given(aws, protected=True)
    seen: list[Any] = []

    def look(*_: Any, **__: Any) -> None:
        seen.extend([keep.kept(connect(), "idp").database, protection.protected(connect(), "idp")])

    monkeypatch.setattr(release, "release_by", look)
    monkeypatch.setattr(teardown, "_claims", lambda *_: ())
    ENGINE.relinquish(KNOWN, BUCKET, silent(), False)
    database, guarded = seen
    assert database.startswith("idp-kept-")
    assert guarded == ("database",)
    assert protection.protected(connect(), "idp") == ()
    assert objects(s3) == 1


def test_volumes_whose_claims_are_not_known_are_not_touched(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(aws, protected=False)
    marks = [{"Key": "idp:instance", "Value": "idp"}, {"Key": "idp:kept", "Value": "volume"}]
    aws.client("ec2").create_volume(
        AvailabilityZone=f"{REGION}a", Size=1, TagSpecifications=[{"ResourceType": "volume", "Tags": marks}]
    )
    monkeypatch.setattr(release, "release_by", lambda *_, **__: pytest.fail("the cluster was emptied"))
    ENGINE.relinquish(KNOWN, BUCKET, silent(), False)
    assert keep.kept(connect(), "idp").database
    assert len(aws.client("ec2").describe_volumes()["Volumes"]) == 1


def test_deleting_data_leaves_none(aws: boto3.Session) -> None:
    s3 = given(aws, protected=False)
    keep.keep(connect(), "idp", (), silent())
    teardown.before("idp", REGION, BUCKET, silent(), delete_data=True)
    assert not keep.kept(connect(), "idp")
    assert objects(s3) == 0


def test_protected_data_is_refused_before_anything_happens(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = given(aws, protected=True)
    monkeypatch.setattr(release, "release_by", lambda *_, **__: pytest.fail("the cluster was emptied"))
    with pytest.raises(IdpError, match="IDP-C053"):
        teardown.before("idp", REGION, BUCKET, silent(), delete_data=True)
    assert objects(s3) == 1
    assert protection.protected(connect(), "idp") == ("database",)


def test_the_engine_finds_what_was_kept_until_it_is_restored(aws: boto3.Session) -> None:
    given(aws, protected=False)
    kept = keep.keep(connect(), "idp", (), silent())
    wanted, supplied = plan(profile("team")), supply(REGION)
    assert ENGINE.restorable(wanted, supplied, Recorded()) == kept
    ENGINE.restored("idp", REGION, silent())
    assert not ENGINE.restorable(wanted, supplied, Recorded())
