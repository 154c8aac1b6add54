"""Take a platform out of a cluster that stays: what Pulumi did not put there goes first."""

from __future__ import annotations

from bootstrap import kube
from bootstrap.cloud import release
from bootstrap.progress import Reporter, Step
from bootstrap.render import PACKAGE

_PROJECT = "argoproj.io/v1alpha1/AppProject"
#: Kinds outside namespaces that packages bring; what is in a namespace goes with it.
_CLUSTER_SCOPED = (
    "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
    "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy",
    "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration",
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
    "rbac.authorization.k8s.io/v1/ClusterRole",
    "storage.k8s.io/v1/StorageClass",
    "scheduling.k8s.io/v1/PriorityClass",
)
_CLASS = "gateway.networking.k8s.io/v1/GatewayClass"
_DEFINITION = "apiextensions.k8s.io/v1/CustomResourceDefinition"
#: Seconds within which services of users go with their namespaces.
_PATIENCE = 300.0


def empty(cluster: kube.Cluster, reporter: Reporter) -> None:
    """Remove services of users, then what packages have put beside namespaces; repeatable anywhere.

    Raises IDP-K003 naming namespaces that do not go.
    """
    with reporter.step("stop Argo CD from putting things back") as step:
        release.stop(cluster, step)
        homes = _let_go(cluster)
    with reporter.step("remove what users deployed") as step:
        _remove_namespaces(cluster, homes, step)
    with reporter.step("remove roles, policies and definitions") as step:
        removed = [_remove(cluster, kind) for kind in (*_CLUSTER_SCOPED, _CLASS, _DEFINITION)]
        step.note(f"{sum(removed)} removed")


def _let_go(cluster: kube.Cluster) -> list[str]:
    """Free every Application from its finalizer, which nobody honours any more; returns users' namespaces."""
    homes = []
    for kind in (kube.APPLICATION, _PROJECT):
        for found in release.all_of(cluster, kind):
            metadata = found["metadata"]
            if metadata.get("finalizers"):
                nothing = {"metadata": {"finalizers": None}}
                cluster.merge(kind, metadata["name"], metadata["namespace"], nothing)
            if kind == kube.APPLICATION and PACKAGE not in (metadata.get("labels") or {}):
                homes.append(found["spec"]["destination"].get("namespace", ""))
    own = {n["metadata"]["name"] for n in cluster.list("v1/Namespace", labels={kube.INSTANCE: None})}
    return sorted(set(homes) - own - {""})


def _remove_namespaces(cluster: kube.Cluster, names: list[str], step: Step) -> None:
    gone = [name for name in names if cluster.delete("v1/Namespace", name)]
    if gone:
        cluster.wait_for(
            "v1/Namespace",
            lambda found: sorted({n["metadata"]["name"] for n in found} & set(gone)),
            lambda what: step.note(f"waiting up to {_PATIENCE:.0f} s for {what} to go"),
            _PATIENCE,
        )


def _remove(cluster: kube.Cluster, kind: str) -> int:
    """Delete objects of that kind that a package brought; returns how many."""
    ours = [o for o in release.all_of(cluster, kind) if PACKAGE in (o["metadata"].get("labels") or {})]
    return sum(cluster.delete(kind, found["metadata"]["name"]) for found in ours)
