"""Let pods reach the platform under the names that browsers use.

`*.NAME.localhost` is loopback on the host, where the engine forwards the port. Inside the cluster the
same names must lead to the gateway's Service.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from bootstrap import kube

GATEWAY = "gateway.gateway.svc.cluster.local"

_MARK = "# idp: names of the platform"


def with_rewrite(corefile: str, domain: str, gateway: str = GATEWAY) -> str:
    """The Corefile with a rewrite of `domain` and everything below it to the gateway's Service."""
    escaped = domain.replace(".", r"\.")
    pattern = rf"(.*\.)?{escaped}\.?"
    lines = [_MARK, f"rewrite name regex {pattern} {gateway} answer auto"]
    kept = [line for line in corefile.splitlines() if not _is_ours(line)]
    first = next((i for i, line in enumerate(kept) if line.rstrip().endswith("{")), None)
    if first is None:
        return corefile
    return "\n".join([*kept[: first + 1], *(f"    {line}" for line in lines), *kept[first + 1 :]]) + "\n"


def _is_ours(line: str) -> bool:
    return line.strip() == _MARK or (line.strip().startswith("rewrite name regex") and GATEWAY in line)


def teach(kubeconfig: Path, domain: str) -> None:
    """Add the rewrite to CoreDNS and run one replica of it, which is enough for one node.

    The changed template makes pods that started with the old Corefile go; usually none has started yet.
    """
    with kube.Cluster(kubeconfig) as cluster:
        found = cluster.get("v1/ConfigMap", "coredns", "kube-system") or {}
        corefile = with_rewrite(found["data"]["Corefile"], domain)
        cluster.apply([_configuration(corefile), _deployment(corefile)], force=True)


def _configuration(corefile: str) -> kube.Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "coredns", "namespace": "kube-system"},
        "data": {"Corefile": corefile},
    }


def _deployment(corefile: str) -> kube.Object:
    digest = hashlib.sha256(corefile.encode()).hexdigest()[:16]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "coredns", "namespace": "kube-system"},
        "spec": {
            "replicas": 1,
            "template": {"metadata": {"annotations": {"idp.dev/corefile": digest}}},
        },
    }
