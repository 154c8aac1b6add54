"""Kept data comes back: the database from its snapshot, volumes under the claims that they had."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bootstrap.cloud.kept import Kept, Volume
from stacks.eks.engine import settings_of
from stacks.policies.rules import violations
from tests.stacks.eks.support import PLACES, TAGS, Declared, declare, declared, profile

DATA = Kept(
    "20261124100000",
    "idp-kept-20261124100000",
    (Volume("snap-1", "ml/data", "20Gi", "fast", "xfs"), Volume("snap-2", "gitea/repositories", "1500Mi")),
)


def restored(region: str = "eu-central-1", data: Kept = DATA) -> Declared:
    return declare(region, profile("team"), kept=data)


def persistent(found: Declared) -> list[Any]:
    return [o for o in found.objects if o["kind"] == "PersistentVolume"]


def test_without_kept_data_nothing_is_restored() -> None:
    found = declared("eu-central-1", "team")
    assert "snapshotIdentifier" not in found.resources["database"].inputs
    assert not found.of("aws:ebs/volume:Volume")
    assert not persistent(found)


def test_the_database_comes_from_its_snapshot_and_is_never_replaced_for_it() -> None:
    database = restored().resources["database"]
    assert database.inputs["snapshotIdentifier"] == "idp-kept-20261124100000"
    for found in (database, declared("eu-central-1", "team").resources["database"]):
        assert found.ignored == {"snapshotIdentifier"}


def test_a_kept_database_alone_brings_no_volumes() -> None:
    found = restored(data=replace(DATA, volumes=()))
    assert found.resources["database"].inputs["snapshotIdentifier"]
    assert not found.of("aws:ebs/volume:Volume")


def test_volumes_come_from_their_snapshots_to_one_zone() -> None:
    found = restored()
    one, two = (found.resources[f"restored/{claim}"] for claim in ("ml/data", "gitea/repositories"))
    zone = found.resources["network/private/0"].inputs["availabilityZone"]
    assert {"snapshotId": "snap-1", "size": 20, "availabilityZone": zone, "encrypted": True}.items() <= (
        one.inputs.items()
    )
    assert (two.inputs["snapshotId"], two.inputs["size"]) == ("snap-2", 2)
    marks = {"idp:kept": "volume", "idp:claim": "ml/data", "eks:eks-cluster-name": "idp"}
    assert (TAGS | marks).items() <= one.inputs["tags"].items()


def test_restored_volumes_are_forgotten_not_removed_by_a_later_run() -> None:
    volume = restored().resources["restored/ml/data"]
    assert volume.retained
    assert volume.ignored == {"snapshotId", "size"}


def test_a_claim_of_old_finds_its_volume() -> None:
    one, two = persistent(restored())
    assert one["metadata"]["name"] == "kept-snap-1"
    assert {key: one["spec"]["claimRef"][key] for key in ("namespace", "name")} == {
        "namespace": "ml",
        "name": "data",
    }
    assert one["spec"]["csi"]["driver"] == "ebs.csi.eks.amazonaws.com"
    assert one["spec"]["csi"]["fsType"] == "xfs"
    assert one["spec"]["capacity"] == {"storage": "20Gi"}
    assert (one["spec"]["storageClassName"], two["spec"]["storageClassName"]) == ("fast", "eks-ebs")
    terms = one["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert terms[0]["matchExpressions"][0]["key"] == "topology.kubernetes.io/zone"


@pytest.mark.parametrize("region", PLACES)
def test_what_is_restored_keeps_every_rule(region: str) -> None:
    chosen = profile("team")
    for resource in restored(region).resources.values():
        assert violations(resource.type, resource.inputs, settings_of(chosen)) == [], resource.name
