"""Pools of nodes with their limits: the ordinary one, and one with GPUs where the profile has any."""

from __future__ import annotations

from typing import Any

from bootstrap.sizing import CloudProfile

#: Auto Mode's own class of nodes; it exists as soon as one of its built-in pools does.
_NODE_CLASS = {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "default"}
_GPU = "nvidia.com/gpu"


def objects(profile: CloudProfile) -> list[dict[str, Any]]:
    """Node pools as Kubernetes objects; without a limit, a mistake in a manifest is paid by the hour."""
    ordinary = _pool(
        "idp",
        [("eks.amazonaws.com/instance-category", ["c", "m", "r"])],
        {"cpu": str(profile.nodes.cpus), "memory": f"{profile.nodes.memory_gib}Gi"},
    )
    if profile.gpu is None:
        return [ordinary]
    # Every node has a GPU at least, so that this many GPUs are never more nodes.
    gpu = _pool(
        "idp-gpu",
        [("node.kubernetes.io/instance-type", list(profile.gpu.instance_types))],
        {_GPU: str(profile.gpu.max_nodes)},
    )
    # Only pods that ask for a GPU may keep so expensive a node alive.
    gpu["spec"]["template"]["spec"]["taints"] = [{"key": _GPU, "effect": "NoSchedule"}]
    return [ordinary, gpu]


def _pool(name: str, chosen: list[tuple[str, list[str]]], limits: dict[str, str]) -> dict[str, Any]:
    always = [("kubernetes.io/arch", ["amd64"]), ("karpenter.sh/capacity-type", ["on-demand"])]
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": name},
        "spec": {
            "limits": limits,
            "disruption": {"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "5m"},
            "template": {
                "spec": {
                    "nodeClassRef": dict(_NODE_CLASS),
                    "requirements": [
                        {"key": key, "operator": "In", "values": values} for key, values in [*chosen, *always]
                    ],
                }
            },
        },
    }
