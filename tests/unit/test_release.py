"""A cluster is emptied of what costs money outside it, against an API server of the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bootstrap.cloud import release
from bootstrap.errors import IdpError
from bootstrap.progress import Event, Progress, silent
from tests.unit.apiserver import BROKEN, Api, kubeconfig, of

HELD = ["kubernetes.io/held"]
BY = {"pv.kubernetes.io/provisioned-by": "ebs.csi.eks.amazonaws.com"}
CONTROLLER = {"matchLabels": {"app.kubernetes.io/name": "argocd-application-controller"}}


def owner(kind: str, name: str) -> list[dict[str, Any]]:
    version, _, short = kind.rpartition("/")
    return [{"apiVersion": version, "kind": short, "name": name, "uid": "1", "controller": True}]


def claim(name: str, namespace: str, **more: Any) -> dict[str, Any]:
    return of("v1/PersistentVolumeClaim", name, namespace, finalizers=HELD, **more)


def volume(name: str, claim: str, policy: str = "Delete", phase: str = "Bound") -> dict[str, Any]:
    namespace, _, claimed = claim.partition("/")
    return of(
        "v1/PersistentVolume",
        name,
        finalizers=HELD,
        annotations=BY,
        persistentVolumeReclaimPolicy=policy,
        claimRef={"namespace": namespace, "name": claimed},
        status={"phase": phase},
    )


def pod(name: str, namespace: str, claimed: str, *owners: dict[str, Any]) -> dict[str, Any]:
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": claimed}}] if claimed else []
    return of("v1/Pod", name, namespace, volumes=volumes, ownerReferences=list(owners))


def platform() -> tuple[dict[str, Any], ...]:
    """Everything at once: what restores, what balances load, what holds volumes, and what must stay."""
    return (
        of("apps/v1/StatefulSet", "argocd-application-controller", "argocd", replicas=1, selector=CONTROLLER),
        of("apps/v1/Deployment", "argocd-server", "argocd", replicas=1, selector={"matchLabels": {"a": "b"}}),
        of("gateway.networking.k8s.io/v1/Gateway", "public", "gateway", finalizers=HELD),
        of("networking.k8s.io/v1/Ingress", "own", "ml", finalizers=HELD),
        of("v1/Service", "open", "ml", type="LoadBalancer", finalizers=HELD),
        of("v1/Service", "inside", "ml", type="ClusterIP"),
        of("apps/v1/StatefulSet", "gitea", "gitea", replicas=1, selector={}, volumeClaimTemplates=[{}]),
        pod("gitea-0", "gitea", "data-gitea-0", *owner("apps/v1/StatefulSet", "gitea")),
        claim("data-gitea-0", "gitea"),
        volume("pv-gitea", "gitea/data-gitea-0"),
        of("apps/v1/Deployment", "mlflow", "mlflow", replicas=1, selector={}),
        of(
            "apps/v1/ReplicaSet",
            "mlflow-1",
            "mlflow",
            ownerReferences=owner("apps/v1/Deployment", "mlflow"),
        ),
        pod("mlflow-1-a", "mlflow", "cache", *owner("apps/v1/ReplicaSet", "mlflow-1")),
        claim("cache", "mlflow"),
        volume("pv-mlflow", "mlflow/cache", policy="Retain"),
        of("argoproj.io/v1alpha1/Workflow", "train", "ml"),
        pod("train-1", "ml", "scratch", *owner("argoproj.io/v1alpha1/Workflow", "train")),
        claim("scratch", "ml"),
        volume("pv-train", "ml/scratch"),
        volume("kept-snap-1", "ml/never", phase="Available"),
        pod("web", "ml", ""),
    )


def run(api: Api, folder: Path, timeout: float = 120.0) -> list[Event]:
    events: list[Event] = []
    with api.serving(folder) as file:
        release.release_by(file, Progress(events.append), timeout=timeout)
    return events


def notes(events: list[Event]) -> str:
    return "\n".join(event.text for event in events if event.kind == "note")


def test_what_costs_money_goes_and_nothing_else(tmp_path: Path) -> None:
    api = Api(*platform())
    events = run(api, tmp_path)
    assert api.names("gateways") == api.names("ingresses") == []
    assert api.names("persistentvolumeclaims") == api.names("persistentvolumes") == []
    assert api.names("services") == ["inside"]
    assert api.names("pods") == ["web"]
    assert api.names("deployments") == ["argocd-server"]
    assert api.names("workflows") == []
    assert "waiting up to 2 minutes for Gateway gateway/public to go" in notes(events)


def test_argo_cd_is_stopped_first_and_stays(tmp_path: Path) -> None:
    api = Api(*platform())
    run(api, tmp_path)
    controller = api.objects["statefulsets", "argocd", "argocd-application-controller"]
    assert controller["spec"]["replicas"] == 0
    assert api.objects["deployments", "argocd", "argocd-server"]["spec"]["replicas"] == 1


def test_load_balancers_go_before_volumes_and_owners_before_claims(tmp_path: Path) -> None:
    api = Api(*platform())
    run(api, tmp_path)
    order = [api.deleted.index(name) for name in ("services/ml/open", "statefulsets/gitea/gitea")]
    assert order == sorted(order)
    claimed = api.deleted.index("persistentvolumeclaims/gitea/data-gitea-0")
    assert api.deleted.index("statefulsets/gitea/gitea") < claimed < api.deleted.index("pods/gitea/gitea-0")
    # The topmost owner, not the one in between, which would be made anew.
    assert "deployments/mlflow/mlflow" in api.deleted
    assert "replicasets/mlflow/mlflow-1" not in api.deleted


def test_it_can_be_repeated(tmp_path: Path) -> None:
    api = Api(*platform())
    run(api, tmp_path)
    before = list(api.deleted)
    run(api, tmp_path)
    assert api.deleted == before


def test_what_is_already_going_is_only_waited_for(tmp_path: Path) -> None:
    going = claim("data", "ml")
    going["metadata"]["deletionTimestamp"] = "2026-11-24T00:00:00Z"
    api = Api(going)
    api.looks["persistentvolumeclaims", "ml", "data"] = 3
    run(api, tmp_path)
    assert api.deleted == []
    assert api.names("persistentvolumeclaims") == []


def test_a_cluster_without_gateways_is_emptied_all_the_same(tmp_path: Path) -> None:
    api = Api(of("v1/Service", "open", "ml", type="LoadBalancer"), unknown=("gateway.networking.k8s.io/v1",))
    run(api, tmp_path)
    assert api.names("services") == []


def test_volumes_that_no_controller_made_are_left_alone(tmp_path: Path) -> None:
    by_hand = of(
        "v1/PersistentVolume", "nfs", persistentVolumeReclaimPolicy="Retain", status={"phase": "Bound"}
    )
    api = Api(by_hand)
    run(api, tmp_path)
    assert api.objects["persistentvolumes", "", "nfs"]["spec"]["persistentVolumeReclaimPolicy"] == "Retain"


@pytest.mark.parametrize(
    ("stuck", "name"),
    [
        (
            of("gateway.networking.k8s.io/v1/Gateway", "public", "gateway", finalizers=[BROKEN]),
            "gateway/public",
        ),
        (of("v1/Service", "open", "ml", type="LoadBalancer", finalizers=[BROKEN]), "ml/open"),
        (of("v1/PersistentVolumeClaim", "data", "ml", finalizers=[BROKEN]), "ml/data"),
    ],
    ids=["gateway", "service", "claim"],
)
def test_what_hangs_is_named_with_its_finalizer_and_the_way_on(
    stuck: dict[str, Any], name: str, tmp_path: Path
) -> None:
    with pytest.raises(IdpError) as caught:
        run(Api(stuck), tmp_path, timeout=0.5)
    error = caught.value
    assert error.code == "IDP-C050"
    assert error.faults == [f"{stuck['kind']} {name}: held by {BROKEN}"]
    again, by_hand = error.fix.splitlines()
    assert again.startswith("idp down --cloud")
    assert by_hand.startswith(f"kubectl patch {stuck['kind'].lower()} {name.partition('/')[2]} -n ")


def test_a_cluster_that_is_gone_is_noted(tmp_path: Path) -> None:
    import yaml

    events: list[Event] = []
    release.release_by(tmp_path / "none", Progress(events.append))
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(kubeconfig("http://127.0.0.1:9")))
    release.release_by(file, Progress(events.append))
    said = [event.text for event in events if event.kind == "note"]
    assert len(said) == 2
    assert all(text.startswith("passed over: the cluster does not answer") for text in said)


def test_a_cluster_that_falls_silent_in_between_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Api(*platform())
    real = release._remove_volumes

    def cut(*args: Any) -> None:
        api.silent = True
        real(*args)

    monkeypatch.setattr(release, "_remove_volumes", cut)
    with pytest.raises(IdpError) as caught, api.serving(tmp_path) as file:
        release.release_by(file, silent(), timeout=5)
    assert caught.value.code == "IDP-C051"
    assert "it continues" in caught.value.fix
