"""The engine of the target `local`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from bootstrap import kube, paths
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.model import Plan
from bootstrap.progress import Reporter
from stacks.credentials import Credentials
from stacks.dynamic import changed
from stacks.engine import CLUSTER, Cluster, Engine, Place, Preparation, Supply
from stacks.kind import cluster, container
from stacks.state import Recorded

#: Seconds within which a restarted node's API server answers; 7 were measured on two cores.
_API_PATIENCE = 90.0


class KindEngine(Engine):
    """One kind node per instance."""

    def locate(self, plan: Plan) -> Place:
        """Everything is on this machine."""
        return Place()

    def provision(self, plan: Plan, supply: Supply, credentials: Credentials) -> Cluster:
        """Declare the kind cluster."""
        node = cluster.KindCluster(CLUSTER, inputs(plan, supply))
        return Cluster(node, pulumi.Output.secret(node.kubeconfig), node.identity)

    def prepare(
        self, plan: Plan, supply: Supply, recorded: Recorded, reporter: Reporter, recreate: bool
    ) -> Preparation:
        """Notice a missing node, refuse what needs a new one, start a stopped one."""
        before = recorded.first(cluster.TYPE)
        if before is None:
            return Preparation.NOTHING
        if recreate:
            return Preparation.RECREATE
        node = container.living(cluster.node_name(plan.target.name))
        if node is None or node["Id"] != before.get("outputs", {}).get("identity"):
            # Useless now, and the sign by which a refresh knows that what was applied is gone as well.
            paths.kubeconfig(plan.target.name).unlink(missing_ok=True)
            return Preparation.REFRESH
        if differences := changes(before["inputs"], inputs(plan, supply)):
            raise _needs_new_node(plan, differences)
        _wake(node, paths.kubeconfig(plan.target.name), reporter)
        return Preparation.NOTHING

    def nodes(self, name: str) -> list[str]:
        """The one node."""
        return [cluster.node_name(name)]

    def sweep(self, name: str, folder: Path) -> bool:
        """Remove a node that mounts the instance's folder, with its files; there is nothing else."""
        cluster.sweep(name, folder)
        return True


ENGINE = KindEngine()


def inputs(plan: Plan, supply: Supply) -> dict[str, Any]:
    """The inputs of the cluster resource."""
    return {
        "name": plan.target.name,
        "domain": plan.facts.domain,
        "folder": str(paths.instance(plan.target.name)),
        "kubeconfig_file": str(paths.kubeconfig(plan.target.name)),
        "node_image": supply.node_image,
        "image_store": str(supply.image_store or ""),
        "https_port": plan.facts.https_port,
        "api_port": supply.api_port,
        "listen_address": supply.listen_address,
    }


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What a running node cannot take on, in words."""
    return [f"{key}: {_plain(before.get(key))} -> {now[key]}" for key in changed(before, now, *cluster.FIXED)]


def _plain(value: Any) -> Any:
    """A recorded value as the user wrote it: state keeps numbers as floats."""
    return int(value) if isinstance(value, float) else value


def _needs_new_node(plan: Plan, differences: list[str]) -> IdpError:
    name = plan.target.name
    return IdpError(
        "IDP-P004",
        f"`{name}` would have to be recreated, and everything in it would be lost",
        "; ".join(differences),
        f"keep the old values, or replace it: idp up --local --name {name} --recreate",
        exit_code=WRONG_USE,
    )


def _wake(node: Mapping[str, Any], kubeconfig: Path, reporter: Reporter) -> None:
    """Start a stopped node (after a reboot, say) and wait until its API server answers."""
    name = node["Name"].lstrip("/")
    if not kubeconfig.exists():
        cluster.export_kubeconfig(name.removesuffix("-control-plane"), kubeconfig)
    if node["State"]["Running"]:
        return
    with reporter.step("start the stopped cluster"):
        container.start(name)
        _await_api(name, kubeconfig)


def _await_api(name: str, kubeconfig: Path) -> None:
    deadline = time.monotonic() + _API_PATIENCE
    while not _answers(kubeconfig):
        if time.monotonic() > deadline:
            raise IdpError(
                "IDP-P008",
                f"the node `{name}` was started, but its API server does not answer",
                f"waited {_API_PATIENCE:.0f} s",
                f"docker logs {name}",
            )
        time.sleep(0.3)


def _answers(kubeconfig: Path) -> bool:
    try:
        with kube.Cluster(kubeconfig) as api:
            return api.get("v1/Namespace", "kube-system") is not None
    except IdpError:
        return False
