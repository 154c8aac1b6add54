"""What Auto Mode offers but leaves to its user to name: the gateway's class and the volumes'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bootstrap import kube
from bootstrap.cloud import kept
from bootstrap.progress import Reporter

#: The facts `gateway_class` and `storage_class`.
GATEWAY_CLASS = "eks-alb"
STORAGE_CLASS = "eks-ebs"
#: Auto Mode's own controllers (EKS user guide, Auto Mode: Gateway API, StorageClass).
GATEWAY_CONTROLLER = "eks.amazonaws.com/gateway-alb"
VOLUMES = kept.DRIVER

#: The kind that configures a load balancer, and our one object of it, beside the Gateway.
_CONFIGURATION, _NAME, _NAMESPACE = "LoadBalancerConfiguration", "platform", "gateway"


def objects() -> list[dict[str, Any]]:
    """The classes as Kubernetes objects. Volumes are encrypted, and made where their pod runs."""
    return [
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": GATEWAY_CLASS},
            "spec": {"controllerName": GATEWAY_CONTROLLER},
        },
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": STORAGE_CLASS,
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            "provisioner": VOLUMES,
            "volumeBindingMode": "WaitForFirstConsumer",
            "allowVolumeExpansion": True,
            "parameters": {"type": "gp3", "encrypted": "true"},
        },
    ]


def open_to(cluster: kube.Cluster, networks: Sequence[str], reporter: Reporter) -> bool:
    """Let those networks reach the load balancer; True where that was new, none: only the VPC reaches it.

    A load balancer faces the inside unless its configuration says otherwise (AWS Load Balancer Controller:
    LoadBalancerConfiguration, `scheme` and `sourceRanges`). Under which API group Auto Mode offers that kind
    is looked up in the cluster. Never run against AWS.
    """
    if not networks:
        return False
    kind = _configuration_kind(cluster)
    with reporter.step("open the gateway") as step:
        if not kind:
            step.note("the cluster has no kind LoadBalancerConfiguration: only its own network reaches it")
            return False
        api_version = kind.rpartition("/")[0]
        wanted = {
            "apiVersion": api_version,
            "kind": _CONFIGURATION,
            "metadata": {"name": _NAME, "namespace": _NAMESPACE},
            "spec": {"scheme": "internet-facing", "sourceRanges": list(networks)},
        }
        reference = {
            "group": api_version.partition("/")[0],
            "kind": _CONFIGURATION,
            "name": _NAME,
            "namespace": _NAMESPACE,
        }
        chosen = {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": GATEWAY_CLASS},
            "spec": {"controllerName": GATEWAY_CONTROLLER, "parametersRef": reference},
        }
        changed = cluster.apply([wanted, chosen], field_manager="idp-gateway", force=True)
        step.note(f"open to {', '.join(networks)}")
        return bool(changed)


def _configuration_kind(cluster: kube.Cluster) -> str:
    """`GROUP/VERSION/LoadBalancerConfiguration`, as the cluster defines it; nothing where it does not."""
    for found in cluster.list("apiextensions.k8s.io/v1/CustomResourceDefinition"):
        spec = found["spec"]
        if spec["names"]["kind"] == _CONFIGURATION:
            served = [v["name"] for v in spec["versions"] if v["served"]]
            return f"{spec['group']}/{served[-1]}/{_CONFIGURATION}"
    return ""
