"""Volumes from kept snapshots, and the objects that lead the claims of old to them."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from bootstrap.cloud import kept, tags
from bootstrap.cloud.kept import Kept, Volume
from stacks.eks.gateway import STORAGE_CLASS, VOLUMES
from stacks.eks.network import Network
from stacks.eks.site import Site
from stacks.keeping import RESTORED


def declare(site: Site, network: Network, data: Kept, opts: pulumi.ResourceOptions) -> list[dict[str, Any]]:
    """A volume for every kept claim, in one zone; returns the PersistentVolumes that stand for them.

    They are Kubernetes's own as soon as they are there: a later run that restores nothing forgets them, and
    their claims' end removes them.
    """
    return [_persistent(volume, _volume(site, network, volume, opts), network) for volume in data.volumes]


def _volume(site: Site, network: Network, volume: Volume, opts: pulumi.ResourceOptions) -> aws.ebs.Volume:
    own = {
        tags.INSTANCE: site.name,
        kept.KEPT: kept.VOLUME,
        kept.CLAIM: volume.claim,
        kept.CLUSTER_NAME: site.name,
    }
    return aws.ebs.Volume(
        f"{RESTORED}{volume.claim}",
        availability_zone=network.private[0].availability_zone,
        snapshot_id=volume.snapshot,
        size=volume.gib,
        type="gp3",
        encrypted=True,
        tags={**site.tagged(f"{site.name}-{volume.name}"), **own},
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(retain_on_delete=True, ignore_changes=["snapshotId", "size"])
        ),
    )


def _persistent(volume: Volume, made: aws.ebs.Volume, network: Network) -> dict[str, Any]:
    """Bound beforehand to the one claim whose data it has."""
    zone = {
        "key": "topology.kubernetes.io/zone",
        "operator": "In",
        "values": [network.private[0].availability_zone],
    }
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": f"kept-{volume.snapshot}",
            # By this the driver's controller knows that it may remove the volume with its claim.
            "annotations": {"pv.kubernetes.io/provisioned-by": VOLUMES},
        },
        "spec": {
            "capacity": {"storage": volume.size},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": volume.storage_class or STORAGE_CLASS,
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": volume.namespace,
                "name": volume.name,
            },
            "csi": {"driver": VOLUMES, "volumeHandle": made.id, "fsType": volume.filesystem},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}},
        },
    }
