"""From decisions to kind's cluster configuration. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from stacks.kind.host import Quirks

#: Where the gateway's Service listens on the node; the one port that leaves the cluster.
GATEWAY_NODE_PORT = 30443
#: Where a node keeps containerd's store, and where it finds the files of its instance.
NODE_STORE = "/var/lib/containerd"
NODE_FILES = "/etc/idp"

_UNITS = "/etc/systemd/system"

#: Files that make any node image ours: the pods' network, and no storage class but the platform's.
_OWN_FILES = Path(__file__).parent / "node" / "files"
_REPLACED = (
    ("10-idp.conflist", "/etc/cni/net.d/10-idp.conflist"),
    ("default-storage.yaml", "/kind/manifests/default-storage.yaml"),
)


@dataclass(frozen=True)
class NodeSettings:
    """What one cluster's node is made of.

    `files` is the host folder that the node sees as /etc/idp; it also marks the cluster as ours.
    `store` is the cloned containerd store; empty where the node image brings its images itself.
    """

    name: str
    node_image: str
    https_port: int
    api_port: int
    files: str
    store: str = ""
    listen_address: str = "127.0.0.1"


def cluster(settings: NodeSettings, quirks: Quirks) -> str:
    """The configuration file for `kind create cluster`."""
    node: dict[str, Any] = {
        "role": "control-plane",
        "image": settings.node_image,
        "extraPortMappings": [
            {
                "containerPort": GATEWAY_NODE_PORT,
                "hostPort": settings.https_port,
                "listenAddress": settings.listen_address,
                "protocol": "TCP",
            }
        ],
        "extraMounts": _mounts(settings, quirks),
    }
    document: dict[str, Any] = {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "name": settings.name,
        "networking": {
            "apiServerAddress": "127.0.0.1",
            "apiServerPort": settings.api_port,
            "disableDefaultCNI": True,
        },
        "nodes": [node],
    }
    patches = _component_patches(quirks)
    if patches:
        document["kubeadmConfigPatches"] = patches
    if quirks.containerd:
        document["containerdConfigPatches"] = [quirks.containerd]
    return yaml.safe_dump(document, sort_keys=False)


def files(quirks: Quirks) -> Mapping[str, str]:
    """Files to write into the node's folder, by name."""
    own = {name: (_OWN_FILES / name).read_text() for name, _ in _REPLACED}
    return own | {_dropin(unit): text for unit, text in quirks.dropins}


def _mounts(settings: NodeSettings, quirks: Quirks) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = [
        {"hostPath": settings.files, "containerPath": NODE_FILES, "readOnly": True}
    ]
    if settings.store:
        mounts.append({"hostPath": settings.store, "containerPath": NODE_STORE})
    dropins = [(_dropin(unit), f"{_UNITS}/{unit}.d/10-idp.conf") for unit, _ in quirks.dropins]
    mounts += [
        {
            "hostPath": str(PurePosixPath(settings.files) / name),
            "containerPath": place,
            "readOnly": True,
        }
        for name, place in (*_REPLACED, *dropins)
    ]
    return mounts


def _dropin(unit: str) -> str:
    return f"{unit}.conf"


def _component_patches(quirks: Quirks) -> list[str]:
    """Merge patches of kubeadm's component configurations, one YAML document each."""
    return [
        yaml.safe_dump({"kind": kind, **dict(changes)}, sort_keys=False)
        for kind, changes in (
            ("KubeletConfiguration", quirks.kubelet),
            ("KubeProxyConfiguration", quirks.kube_proxy),
        )
        if changes
    ]
