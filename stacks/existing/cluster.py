"""A cluster that was there before and stays after: noticed as a resource, never made or deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

from bootstrap import kube
from stacks.dynamic import Provider, reporting
from stacks.existing import probe

#: The resource's type as it stands in the state.
TYPE = "pulumi-python:dynamic/idp:ExistingCluster"


class ExistingClusterProvider(Provider):
    """Learns which cluster it is; that is all."""

    @reporting
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Nothing of it is ours to change; another cluster is refused before this is asked."""
        return dynamic.DiffResult(False)

    @reporting
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        file = Path(props["kubeconfig_file"])
        with kube.Cluster(file) as cluster:
            identity = probe.identity(cluster)
        return dynamic.CreateResult(identity, {**props, "identity": identity, "kubeconfig": file.read_text()})


class ExistingCluster(dynamic.Resource, module="idp", name="ExistingCluster"):
    """`identity` is that of the cluster, `kubeconfig` the access to it."""

    identity: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]

    def __init__(self, name: str, kubeconfig_file: Path):
        super().__init__(
            ExistingClusterProvider(),
            name,
            {"kubeconfig_file": str(kubeconfig_file), "identity": None, "kubeconfig": None},
            pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"]),
        )
