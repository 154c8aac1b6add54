"""The whole stack on a real kind cluster: up, again, asleep, moved, lost, and down without a trace."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bootstrap import bundle, instance, kube, paths, shell
from bootstrap import plan as planning
from bootstrap.bundle import store
from bootstrap.errors import IdpError
from bootstrap.model import Plan, Target
from bootstrap.progress import silent
from stacks import automation
from stacks.engine import Supply
from stacks.kind import container
from tests.stacks import support

pytestmark = pytest.mark.cluster

NAME = f"stacks-{os.getpid()}"
NODE = f"{NAME}-control-plane"


@pytest.fixture(scope="module")
def supply() -> Supply:
    """Node image and image store of the bundle, or those that two variables name."""
    image, folder = os.environ.get("IDP_TEST_NODE_IMAGE"), os.environ.get("IDP_TEST_IMAGE_STORE")
    if not image:
        lock = bundle.build(
            planning.load("reference", Target("local", NAME)), bundle.Source("auto"), silent()
        )
        image, folder = lock.node, str(store.prepare(lock, silent()).folder or "")
    api_port = instance.free_port(26443)
    return support.supply(node_image=image, image_store=Path(folder) if folder else None, api_port=api_port)


@pytest.fixture(scope="module")
def plan(supply: Supply, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plan]:
    """A plan that is up when a test sees it, and gone in the end, also after a failure."""
    if shutil.which("pulumi", path=shell.environment()["PATH"]) is None:
        pytest.skip("pulumi is not installed; `idp bundle build` provides it")
    # Beside the user's own data, so that the store can be cloned by hard links.
    data = paths.data() / "tests" / NAME
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IDP_DATA_DIR", str(data))
        instance.create_folder(NAME)
        wanted = support.plan(NAME, instance.free_port(28443))
        try:
            outcome = automation.up(wanted, supply, silent())
            assert outcome.new_cluster
            yield wanted
        finally:
            automation.destroy(NAME, silent())
            shutil.rmtree(data)
            with suppress(OSError):
                data.parent.rmdir()


def read(kind: str, name: str, namespace: str) -> kube.Object:
    with kube.Cluster(paths.kubeconfig(NAME)) as cluster:
        found = cluster.get(kind, name, namespace)
    assert found, f"{namespace}/{name} is missing"
    return found


def password() -> str:
    return kube.decoded(read("v1/Secret", "gitea-admin", "gitea"))["password"]


def test_secrets_certificates_and_trust_are_in_the_cluster(plan: Plan) -> None:
    ca = paths.ca_certificate(NAME).read_text()
    assert len(password()) == 40
    assert read("v1/ConfigMap", "idp-trust", "gitea")["data"]["ca.crt"] == ca
    wildcard = kube.decoded(read("v1/Secret", "wildcard", "gateway"))
    assert wildcard["tls.crt"].endswith(ca)
    assert (
        read("v1/Secret", "database-gitea", "postgres")["metadata"]["labels"]["idp.dev/database"] == "gitea"
    )


def test_the_first_apply_looks_like_argo_cd(plan: Plan) -> None:
    deployment = read("apps/v1/Deployment", "gitea", "gitea")
    managers = {entry["manager"] for entry in deployment["metadata"]["managedFields"]}
    assert "argocd-controller" in managers
    assert read("test.idp.dev/v1/Thing", "one", "gitea")


def test_names_of_the_platform_lead_to_the_gateway(plan: Plan) -> None:
    corefile = read("v1/ConfigMap", "coredns", "kube-system")["data"]["Corefile"]
    assert rf"rewrite name regex (.*\.)?{NAME}\.localhost" in corefile


def test_the_second_up_changes_nothing(plan: Plan, supply: Supply) -> None:
    began = time.monotonic()
    outcome = automation.up(plan, supply, silent())
    assert not outcome.changed
    assert not outcome.new_cluster
    # A few seconds on an idle machine; the bound only tells a no-op from work.
    assert time.monotonic() - began < 20


def test_the_state_has_no_companions_that_a_kill_could_cut(plan: Plan) -> None:
    """Pulumi replaces the state's files as a whole, but not the attributes that it would keep beside each."""
    state = paths.instance(NAME) / "pulumi" / "state"
    assert [file.name for file in state.rglob(f"{NAME}.json*")].count(f"{NAME}.json") == 1
    assert not list(state.rglob("*.attrs"))


def test_only_the_user_can_read_the_kubeconfig(plan: Plan) -> None:
    assert oct(paths.kubeconfig(NAME).stat().st_mode)[-3:] == "600"


def test_what_would_lose_data_is_refused(plan: Plan, supply: Supply) -> None:
    moved = replace(plan, facts=replace(plan.facts, https_port=plan.facts.https_port + 1))
    with pytest.raises(IdpError) as caught:
        automation.up(moved, supply, silent())
    assert caught.value.code == "IDP-P004"
    assert "--recreate" in caught.value.fix


def test_a_stopped_cluster_is_started(plan: Plan, supply: Supply) -> None:
    shell.run([container.ENGINE, "stop", NODE], timeout=120)
    assert not automation.up(plan, supply, silent()).changed
    assert password()


def test_a_new_namespace_and_secret_are_added_and_old_values_stay(plan: Plan, supply: Supply) -> None:
    before = password()
    more = support.package("mlflow", databases=("mlflow",))
    automation.up(replace(plan, packages=(*plan.packages, more)), supply, silent())
    assert read("v1/Secret", "database-mlflow", "mlflow")
    assert password() == before


def test_a_lost_cluster_is_noticed_and_made_again_with_the_same_secrets(plan: Plan, supply: Supply) -> None:
    before = password()
    shell.run([container.ENGINE, "rm", "--force", "--volumes", NODE], timeout=120)
    outcome = automation.up(plan, supply, silent())
    assert outcome.new_cluster
    assert password() == before
    assert read("apps/v1/Deployment", "gitea", "gitea")


def test_refresh_leaves_a_sound_cluster_alone(plan: Plan, supply: Supply) -> None:
    automation.refresh(NAME, silent())
    assert not automation.up(plan, supply, silent()).changed


def test_recreate_moves_the_cluster_and_keeps_the_secrets(plan: Plan, supply: Supply) -> None:
    before = password()
    moved = replace(plan, facts=replace(plan.facts, https_port=plan.facts.https_port + 1))
    outcome = automation.up(moved, supply, silent(), recreate=True)
    assert outcome.new_cluster
    assert password() == before
    [mapping] = (container.inspect(NODE) or {})["HostConfig"]["PortBindings"]["30443/tcp"]
    assert mapping == {"HostIp": "127.0.0.1", "HostPort": str(moved.facts.https_port)}


def test_down_leaves_nothing_also_when_the_cluster_is_gone_already(plan: Plan) -> None:
    volumes = volumes_of(container.inspect(NODE) or {})
    shell.run([container.ENGINE, "rm", "--force", NODE], timeout=120)
    shell.run([container.ENGINE, "volume", "rm", "--force", *volumes], timeout=120)
    automation.destroy(NAME, silent())
    assert container.inspect(NODE) is None
    left = {p.name for p in paths.instance(NAME).iterdir()}
    assert left <= {"pulumi", "first-apply", "ca.crt", "work.lock"}
    automation.destroy(NAME, silent())


def volumes_of(node: dict[str, Any]) -> list[str]:
    return [mount["Name"] for mount in node.get("Mounts", ()) if mount["Type"] == "volume"]
