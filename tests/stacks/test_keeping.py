"""What of a stack outlives a removal that keeps the data, and what a later run restores."""

from __future__ import annotations

from typing import Any

import pytest

from bootstrap.cloud.kept import Kept, Volume
from bootstrap.progress import silent
from stacks import automation, keeping, workspace
from stacks.state import Recorded
from tests.stacks.eks.support import PROFILES, declared

ROOT = "urn:pulumi:idp::idp::"
STACK, AWS = f"{ROOT}pulumi:pulumi:Stack::idp-idp", f"{ROOT}pulumi:providers:aws::aws"


def resource(type_: str, name: str, **more: Any) -> dict[str, Any]:
    provider = f"{AWS}::id" if type_.startswith("aws:") else ""
    return {"urn": f"{ROOT}{type_}::{name}", "type": type_, "parent": STACK, "provider": provider, **more}


def urn(type_: str, name: str) -> str:
    return f"{ROOT}{type_}::{name}"


STACK_ITSELF = {"urn": STACK, "type": "pulumi:pulumi:Stack"}
PROVIDER = {"urn": AWS, "type": "pulumi:providers:aws", "parent": STACK}
PYTHON = {"urn": f"{ROOT}pulumi:providers:pulumi-python::default", "type": "pulumi:providers:pulumi-python"}
SECRETS = {
    **resource("pulumi-python:dynamic/idp:Credentials", "credentials"),
    "provider": f"{PYTHON['urn']}::id",
}
KEY = resource("aws:kms/key:Key", "key")
BUCKET = resource("aws:s3/bucket:Bucket", "bucket/models", outputs={"bucket": "idp-models"})
CLUSTER = resource("aws:eks/cluster:Cluster", "cluster", dependencies=[KEY["urn"]])
DATABASE = resource("aws:rds/instance:Instance", "database", dependencies=[KEY["urn"]])
WHOLE = Recorded((STACK_ITSELF, PROVIDER, PYTHON, SECRETS, KEY, BUCKET, CLUSTER, DATABASE))


def test_credentials_keys_and_buckets_stay_with_what_they_need() -> None:
    assert keeping.doomed(WHOLE) == [CLUSTER["urn"], DATABASE["urn"]]


@pytest.mark.parametrize(
    "need",
    [
        {"dependencies": [DATABASE["urn"]]},
        {"propertyDependencies": {"policy": [DATABASE["urn"]], "other": None}},
        {"deletedWith": DATABASE["urn"]},
        {"parent": DATABASE["urn"]},
        {"provider": f"{DATABASE['urn']}::id"},
    ],
    ids=lambda need: next(iter(need)),
)
def test_what_a_kept_one_needs_is_kept_whatever_it_is(need: dict[str, Any]) -> None:
    bucket = resource("aws:s3/bucket:Bucket", "bucket/models", **need)
    assert keeping.doomed(Recorded((STACK_ITSELF, PROVIDER, bucket, CLUSTER, DATABASE))) == [CLUSTER["urn"]]


def test_of_a_state_that_holds_kept_things_alone_nothing_is_destroyed() -> None:
    assert keeping.doomed(Recorded((STACK_ITSELF, PROVIDER, PYTHON, SECRETS, KEY, BUCKET))) == []


def test_without_anything_to_destroy_pulumi_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulumi takes no target for all of them."""

    class State:
        def read(self) -> Recorded:
            return Recorded((STACK_ITSELF, PROVIDER, KEY))

    monkeypatch.setattr(workspace, "state", lambda name: State())
    monkeypatch.setattr(automation, "_recover", lambda name, reporter: None)
    monkeypatch.setattr(workspace, "open_stack", lambda name: pytest.fail("Pulumi was asked"))
    assert automation._destroy_but_kept("idp", silent()) == {}


def recorded_of(profile: str) -> Recorded:
    """The engine's own resources as a state would hold them."""
    known = declared("eu-central-1", profile).resources
    urns = {r.name: urn(r.type, r.name) for r in known.values()}
    found = [
        resource(r.type, r.name, dependencies=[urns[name] for name in r.after if name in urns])
        for r in known.values()
        if r.type != "pulumi:providers:aws"
    ]
    return Recorded((STACK_ITSELF, PROVIDER, *found))


@pytest.mark.parametrize("profile", PROFILES)
def test_keys_and_buckets_are_all_that_stays_of_the_engine_s(profile: str) -> None:
    recorded = recorded_of(profile)
    staying = {r["type"] for r in recorded.resources if r["urn"] in keeping.kept(recorded)}
    assert staying == {
        "pulumi:pulumi:Stack",
        "pulumi:providers:aws",
        "aws:kms/key:Key",
        "aws:kms/alias:Alias",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_that_goes_is_needed_by_what_stays(profile: str) -> None:
    recorded = recorded_of(profile)
    going = set(keeping.doomed(recorded))
    staying = [r for r in recorded.resources if r["urn"] not in going]
    assert going
    assert not [r["urn"] for r in staying if going & set(r.get("dependencies", ()))]


def test_buckets_are_found_by_their_names() -> None:
    going = resource("aws:s3/bucket:Bucket", "bucket/old", outputs={"bucket": "idp-old"}, delete=True)
    assert keeping.buckets(Recorded((BUCKET, going, KEY))) == ["idp-models"]


DATA = Kept("20261124100000", "idp-kept-20261124100000", (Volume("snap-1", "ml/data", "20Gi"),))
RESTORED = resource("aws:ebs/volume:Volume", "restored/ml/data")


@pytest.mark.parametrize(
    ("state", "database", "volumes"),
    [
        (Recorded(), True, True),
        (Recorded((STACK_ITSELF, PROVIDER, SECRETS, KEY, BUCKET)), True, True),
        (WHOLE, False, False),
        (Recorded((CLUSTER, RESTORED)), True, True),
        (Recorded((DATABASE, RESTORED)), False, True),
        (Recorded((CLUSTER, DATABASE, RESTORED)), False, True),
        (Recorded((CLUSTER,)), True, False),
    ],
    ids=[
        "a new platform",
        "one whose data was kept",
        "one that stands: its down was killed",
        "a restore that was killed, before the database",
        "a restore that was killed, before the cluster",
        "a restore that was killed at its end",
        "one that lost its database",
    ],
)
def test_what_may_be_restored(state: Recorded, database: bool, volumes: bool) -> None:
    found = keeping.restorable(state, DATA)
    assert bool(found.database) is database
    assert bool(found.volumes) is volumes
