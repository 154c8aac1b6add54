"""The whole story on a real cluster: from `up` to a prediction, and back to an empty machine."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bootstrap.http import client
from tests.e2e.life import MODEL, OWNER, SERVICE, Life, eventually
from tests.platform import Platform

pytestmark = pytest.mark.cluster

MINUTES = 60.0


def test_ready_means_every_check_and_application(platform: Platform) -> None:
    status = platform.status()
    assert status["ready"] is True
    assert status["name"] == platform.name
    assert {check["name"] for check in status["checks"]} >= {"backstage", "gitea", "argocd"}
    assert all(check["ok"] for check in status["checks"])
    assert {"argocd", "gitea", "backstage", "postgres"} <= {a["name"] for a in status["applications"]}
    assert all((a["sync"], a["health"]) == ("Synced", "Healthy") for a in status["applications"])


def test_up_again_changes_nothing(platform: Platform) -> None:
    assert "nothing changed" in platform.up().out.lower()


def test_passwords_are_generated_and_long(platform: Platform) -> None:
    passwords = [platform.password(user) for user in ("platform-admin", "data-scientist")]
    assert len(set(passwords)) == 2
    assert all(len(password) >= 40 for password in passwords)


def test_guests_are_refused(platform: Platform) -> None:
    status = platform.status()
    with client(platform.name, data=platform.data) as http:
        response = http.get(f"{status['endpoints']['backstage']}/api/catalog/entities")
    assert response.status_code == 401


def test_application_turns_healthy(platform: Platform, life: Life) -> None:
    def healthy() -> bool:
        applications = json.loads(platform.idp("status", "-o", "json", check=False).out)["applications"]
        return any(
            (a["name"], a["sync"], a["health"]) == (SERVICE, "Synced", "Healthy") for a in applications
        )

    eventually("the application is synced and healthy", healthy, 4 * MINUTES)


def test_entities_appear_with_their_pods(life: Life) -> None:
    portal = life.portal
    entity = eventually(
        "the component is in the catalogue", lambda: portal.entity(f"component:default/{SERVICE}"), MINUTES
    )
    pods = eventually("the Kubernetes plugin shows pods", lambda: portal.pods(entity), MINUTES)
    assert any(SERVICE in pod["metadata"]["name"] for pod in pods)


def test_docs_render_and_search_finds_them(life: Life) -> None:
    portal = life.portal
    assert SERVICE in portal.docs_page(f"component:default/{SERVICE}")
    eventually("search finds the service", lambda: portal.search(SERVICE), 3 * MINUTES)


def test_a_taken_name_is_refused_before_anything_is_made(life: Life) -> None:
    values = {"name": SERVICE, "owner": OWNER, "description": "Again", "model": MODEL, "exposure": "gateway"}
    again = life.portal.scaffold("template:default/ml-model-service", values, timeout=MINUTES)
    assert again["status"] == "failed"
    assert SERVICE in again["log"]


@pytest.mark.last
def test_down_leaves_nothing_behind(platform: Platform) -> None:
    node = f"{platform.name}-control-plane"
    mounts = docker("inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}", node).split()
    assert mounts, "the node keeps its state in a volume"
    platform.down()
    assert platform.name not in docker("container", "ls", "--all", "--format", "{{.Names}} {{.Labels}}")
    assert platform.name not in docker("network", "ls", "--format", "{{.Name}}")
    assert not set(mounts) & set(docker("volume", "ls", "--quiet").split())
    left = [p for p in platform.data.rglob("*") if p.is_file() and platform.name in str(p)]
    assert left == []
    kubeconfig = Path.home() / ".kube" / "config"
    assert not kubeconfig.exists() or platform.name not in kubeconfig.read_text()


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout
