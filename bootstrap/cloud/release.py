"""Empty a cluster of what its controllers made in the cloud, while there are controllers to remove it.

A load balancer or a volume that outlives its cluster keeps the network from being removed, and costs money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from bootstrap import kube
from bootstrap.errors import IdpError
from bootstrap.kube import Object
from bootstrap.progress import Reporter, Step

GATEWAY, INGRESS = "gateway.networking.k8s.io/v1/Gateway", "networking.k8s.io/v1/Ingress"
SERVICE, POD, STATEFUL_SET = "v1/Service", "v1/Pod", "apps/v1/StatefulSet"
CLAIM, VOLUME = "v1/PersistentVolumeClaim", "v1/PersistentVolume"
#: What would put back everything that is deleted, by the label that its pods carry.
_RESTORERS = ("argocd-application-controller", "argocd-applicationset-controller")
_LABEL = "app.kubernetes.io/name"
_PROVISIONER = "pv.kubernetes.io/provisioned-by"
#: Owners are followed up so many steps: a pod's Job's CronJob's workflow's owner.
_STEPS = 5
_SILENT, _UNKNOWN, _IN_VAIN = "IDP-K001", "IDP-K002", "IDP-K003"


def release_by(kubeconfig: Path, reporter: Reporter, *, timeout: float = 900.0) -> None:
    """The same for the cluster that a kubeconfig names; one that cannot be opened is noted."""
    try:
        cluster = kube.Cluster(kubeconfig)
    except IdpError as error:
        if error.code != _SILENT:
            raise
        _note_absence(reporter, error)
        return
    with cluster:
        release(cluster, reporter, timeout=timeout)


def release(cluster: kube.Cluster, reporter: Reporter, *, timeout: float = 900.0) -> None:
    """Remove load balancers and volumes by removing what asked for them; `timeout` in seconds for each kind.

    Can be repeated after it was killed at any point. A cluster that does not answer is noted: the leak check
    finds what it has left. Raises IDP-C050 (something hangs) and IDP-C051 (it fell silent in between).
    """
    try:
        cluster.list("v1/Namespace")
    except IdpError as error:
        if error.code != _SILENT:
            raise
        _note_absence(reporter, error)
        return
    try:
        with reporter.step("stop Argo CD from putting things back") as step:
            stop(cluster, step)
        with reporter.step("remove load balancers") as step:
            _remove_load_balancers(cluster, step, timeout)
        with reporter.step("remove volumes") as step:
            _remove_volumes(cluster, step, timeout)
    except IdpError as error:
        if error.code != _SILENT:
            raise
        raise IdpError(
            "IDP-C051",
            "the cluster stopped answering while it was being emptied",
            error.why,
            "idp down --cloud   # it continues",
        ) from error


def stop(cluster: kube.Cluster, step: Step) -> None:
    """Scale down what would put back everything that is deleted."""
    for kind in ("apps/v1/Deployment", STATEFUL_SET):
        for found in cluster.list(kind):
            name = found["spec"]["selector"].get("matchLabels", {}).get(_LABEL)
            if name in _RESTORERS and found["spec"].get("replicas") != 0:
                cluster.merge(kind, *_place(found), {"spec": {"replicas": 0}})
                step.note(f"{name} is stopped")
    _await(cluster, POD, lambda pod: pod["metadata"].get("labels", {}).get(_LABEL) in _RESTORERS, step, 120.0)


def _remove_load_balancers(cluster: kube.Cluster, step: Step, timeout: float) -> None:
    wanted: dict[str, Callable[[Object], bool]] = {
        GATEWAY: lambda found: True,
        INGRESS: lambda found: True,
        SERVICE: lambda found: found["spec"].get("type") == "LoadBalancer",
    }
    for kind, is_meant in wanted.items():
        _delete(cluster, kind, filter(is_meant, all_of(cluster, kind)))
    for kind, is_meant in wanted.items():
        if all_of(cluster, kind):
            _await(cluster, kind, is_meant, step, timeout)


def _remove_volumes(cluster: kube.Cluster, step: Step, timeout: float) -> None:
    """First what would claim anew, then the claims; the pods last, for a claim in use stays."""
    pods = [pod for pod in cluster.list(POD) if _claimed(pod)]
    for kind, name, namespace in dict.fromkeys(_holders(cluster, pods)):
        cluster.delete(kind, name, namespace)
    for volume in cluster.list(VOLUME):
        # What was to outlive its claim is kept as a snapshot by now, or is wanted no more.
        if _provisioned(volume) and volume["spec"].get("persistentVolumeReclaimPolicy") != "Delete":
            change = {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}
            cluster.merge(VOLUME, volume["metadata"]["name"], None, change)
    _delete(cluster, CLAIM, cluster.list(CLAIM))
    _delete(cluster, POD, (pod for pod in cluster.list(POD) if _claimed(pod)))
    # Restored and never claimed: no controller removes such a volume, whoever kept it does.
    _delete(
        cluster, VOLUME, (v for v in cluster.list(VOLUME) if v.get("status", {}).get("phase") == "Available")
    )
    _await(cluster, CLAIM, lambda claim: True, step, timeout)
    _await(cluster, VOLUME, _provisioned, step, timeout)


def _holders(cluster: kube.Cluster, pods: Iterable[Object]) -> Iterable[tuple[str, str, str | None]]:
    """What makes pods with claims: their topmost owners, and sets that make a claim per pod."""
    for found in cluster.list(STATEFUL_SET):
        if found["spec"].get("volumeClaimTemplates"):
            yield (STATEFUL_SET, *_place(found))
    for pod in pods:
        if (top := _top(cluster, pod)) is not None:
            yield top


def _top(cluster: kube.Cluster, pod: Object) -> tuple[str, str, str | None] | None:
    """The topmost owner that still exists; None where the pod is its own."""
    top, current, namespace = None, pod, pod["metadata"]["namespace"]
    for _ in range(_STEPS):
        references = current["metadata"].get("ownerReferences") or ()
        owner = next((r for r in references if r.get("controller")), None)
        if owner is None:
            break
        kind, name = f"{owner['apiVersion']}/{owner['kind']}", owner["name"]
        found = cluster.get(kind, name, namespace)
        if found is None:
            break
        top, current = (kind, name, namespace), found
    return top


def _provisioned(volume: Object) -> bool:
    """Did a controller make it, which then also removes it? Of others only the object is the cluster's."""
    return _PROVISIONER in (volume["metadata"].get("annotations") or {})


def _claimed(pod: Object) -> bool:
    return any(v.keys() & {"persistentVolumeClaim", "ephemeral"} for v in pod["spec"].get("volumes") or ())


def all_of(cluster: kube.Cluster, kind: str) -> list[Object]:
    """All objects of a kind; none where the cluster does not know it."""
    try:
        return cluster.list(kind)
    except IdpError as error:
        if error.code != _UNKNOWN:
            raise
        return []


def _delete(cluster: kube.Cluster, kind: str, objects: Iterable[Object]) -> None:
    for found in objects:
        if not found["metadata"].get("deletionTimestamp"):
            name, namespace = _place(found)
            cluster.delete(kind, name, namespace)


def _await(
    cluster: kube.Cluster, kind: str, is_meant: Callable[[Object], bool], step: Step, timeout: float
) -> None:
    """Wait until none is left. Raises IDP-C050 naming those that stay, and what holds them."""
    short, limit = kind.rpartition("/")[2], _limit(timeout)

    def said(names: str) -> None:
        step.note(f"waiting up to {limit} for {short} {names} to go")

    try:
        cluster.wait_for(kind, lambda found: [_named(o) for o in found if is_meant(o)], said, timeout)
    except IdpError as error:
        if error.code != _IN_VAIN:
            raise
        raise _hanging(short, limit, [o for o in cluster.list(kind) if is_meant(o)]) from error


def _hanging(kind: str, limit: str, left: list[Object]) -> IdpError:
    faults = [
        f"{kind} {_named(o)}: held by {', '.join(o['metadata'].get('finalizers') or ()) or 'no finalizer'}"
        for o in left
    ]
    name, namespace = _place(left[0]) if left else ("NAME", "NAMESPACE")
    where = f" -n {namespace}" if namespace else ""
    patch = '{"metadata":{"finalizers":null}}'
    return IdpError(
        "IDP-C050",
        f"what the cluster made in the cloud does not go: {len(left)} of kind {kind}",
        f"waited {limit}; the controller that has to remove it does not, or may not",
        "idp down --cloud   # it continues; if it hangs again, let go of it, and mind the leak check:\n"
        f"kubectl patch {kind.lower()} {name}{where} --type=merge -p '{patch}'",
        faults,
    )


def _note_absence(reporter: Reporter, error: IdpError) -> None:
    with reporter.step("remove load balancers and volumes") as step:
        step.note(f"passed over: {error.what} ({error.why}); the leak check shows what it has left")


def _limit(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 60 else f"{seconds:.0f} s"


def _place(found: Object) -> tuple[str, str | None]:
    return found["metadata"]["name"], found["metadata"].get("namespace")


def _named(found: Object) -> str:
    name, namespace = _place(found)
    return f"{namespace}/{name}" if namespace else name
