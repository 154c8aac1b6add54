"""What Auto Mode offers but leaves to its user to name: the gateway's class and the volumes'."""

from __future__ import annotations

from typing import Any

from bootstrap.cloud import kept

#: The facts `gateway_class` and `storage_class`.
GATEWAY_CLASS = "eks-alb"
STORAGE_CLASS = "eks-ebs"
#: Auto Mode's own controllers (EKS user guide, Auto Mode: Gateway API, StorageClass).
GATEWAY_CONTROLLER = "eks.amazonaws.com/gateway-alb"
VOLUMES = kept.DRIVER


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
