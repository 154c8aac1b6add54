"""The whole story on a real cluster: from `up` to a prediction, and back to an empty machine."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bootstrap.http import client
from bootstrap.portal import PortalClient
from tests.platform import Platform

pytestmark = pytest.mark.cluster

SERVICE = "iris-quality"
MINUTES = 60.0


def eventually(what: str, probe: Callable[[], Any], seconds: float) -> Any:
    """The first truthy answer of `probe`; the last answer is in the message when time runs out."""
    ends, answer = time.monotonic() + seconds, None
    while time.monotonic() < ends:
        answer = probe()
        if answer:
            return answer
        time.sleep(1)
    raise AssertionError(f"{what}: not within {seconds:.0f} s; last answer: {answer!r}")


@pytest.fixture(scope="module")
def portal(platform: Platform) -> PortalClient:
    """Signed in through OIDC as the plain user."""
    url = platform.status()["endpoints"]["backstage"]
    signed_in = PortalClient.for_instance(platform.name, url, data=platform.data)
    signed_in.sign_in("data-scientist", platform.password("data-scientist"))
    return signed_in


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


@pytest.fixture(scope="module")
def scaffolded(portal: PortalClient) -> dict[str, Any]:
    """The golden path, run through the scaffolder's API as the form would."""
    return make_service(portal, 3 * MINUTES)


def make_service(portal: PortalClient, timeout: float) -> dict[str, Any]:
    """What came of the golden path: its status, log and output."""
    values = {"name": SERVICE, "owner": "group:default/ml-team", "description": "Iris", "dataset": "iris"}
    values["exposure"] = "gateway"  # the form fills in its defaults
    return dict(portal.scaffold("template:default/ml-model-service", values, timeout=timeout))


def test_golden_path_makes_a_repository(
    platform: Platform, portal: PortalClient, scaffolded: dict[str, Any]
) -> None:
    assert scaffolded["status"] == "completed"
    gitea = platform.status()["endpoints"]["gitea"]
    with client(platform.name, data=platform.data) as http:
        response = http.get(f"{gitea}/api/v1/repos/ml/{SERVICE}")
    assert response.status_code == 200


def test_application_turns_healthy(platform: Platform, scaffolded: dict[str, Any]) -> None:
    def healthy() -> bool:
        applications = json.loads(platform.idp("status", "-o", "json", check=False).out)["applications"]
        return any(
            (a["name"], a["sync"], a["health"]) == (SERVICE, "Synced", "Healthy") for a in applications
        )

    eventually("the application is synced and healthy", healthy, 4 * MINUTES)


def test_prediction_through_the_gateway(platform: Platform, scaffolded: dict[str, Any]) -> None:
    backstage: str = platform.status()["endpoints"]["backstage"]
    url = backstage.replace("backstage", SERVICE, 1)
    setosa = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
    with client(platform.name, data=platform.data) as http:
        answer = eventually(
            "a prediction",
            lambda: (r := http.post(f"{url}/predict", json=setosa)).status_code == 200 and r.json(),
            2 * MINUTES,
        )
        assert answer["predictions"] == ["setosa"]
        refused = http.post(f"{url}/predict", json={"instances": [["tall", 3.5, 1.4, 0.2]]})
    assert refused.status_code == 422
    assert "instances" in refused.text


def test_entities_appear_with_their_pods(portal: PortalClient, scaffolded: dict[str, Any]) -> None:
    entity = eventually(
        "the component is in the catalogue", lambda: portal.entity(f"component:default/{SERVICE}"), MINUTES
    )
    pods = eventually("the Kubernetes plugin shows pods", lambda: portal.pods(entity), MINUTES)
    assert any(SERVICE in pod["metadata"]["name"] for pod in pods)


def test_docs_render_and_search_finds_them(portal: PortalClient, scaffolded: dict[str, Any]) -> None:
    assert SERVICE in portal.docs_page(f"component:default/{SERVICE}")
    eventually("search finds the service", lambda: portal.search(SERVICE), 3 * MINUTES)


def test_a_taken_name_is_refused_before_anything_is_made(
    portal: PortalClient, scaffolded: dict[str, Any]
) -> None:
    again = make_service(portal, MINUTES)
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
