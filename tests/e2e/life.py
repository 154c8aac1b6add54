"""What a data scientist does with a platform and sees of it, for the tests of this folder."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bootstrap.http import client
from bootstrap.portal import PortalClient
from tests.platform import Platform

DATASET, MODEL, SERVICE, BATCH = "pump-readings", "pump-state", "pump-api", "pump-scores"
OWNER = "group:default/ml-team"
FINISHED = ("Succeeded", "Failed", "Error")
#: Readings of a pump that every model worth serving knows to be failing.
FAILING = {"vibration_mm_s": 7.5, "temperature_c": 80.0, "pressure_bar": 4.7, "hours_since_service": 3000}


@dataclass(frozen=True)
class Life:
    """What a data scientist does and sees."""

    platform: Platform
    portal: PortalClient
    http: httpx.Client
    endpoints: dict[str, str]
    dataset: str = DATASET
    model: str = MODEL
    service: str = SERVICE

    def scaffold(self, template: str, **values: Any) -> None:
        filled = {"owner": OWNER, "description": "Pumps", **values}
        task = self.portal.scaffold(f"template:default/{template}", filled, timeout=240)
        assert task["status"] == "completed", task["log"]

    def scaffold_dataset(self) -> None:
        self.scaffold("ml-dataset", name=self.dataset, source="starter")

    def scaffold_pipeline(self) -> None:
        source = {"source": "dataset", "dataset": self.dataset, "schedule": "none", "sweep": True}
        self.scaffold("ml-training-pipeline", name=self.model, **source)

    def scaffold_service(self) -> None:
        served = {"model": self.model, "alias": "candidate", "exposure": "gateway"}
        self.scaffold("ml-model-service", name=self.service, **served)

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """The model service through the gateway."""
        url = self.endpoints["backstage"].replace("backstage", self.service, 1)
        return self.http.request(method, f"{url}{path}", **given)

    def change(self, repository: str, path: str, *changes: tuple[str, str]) -> None:
        """A commit on main, as a user of Gitea, taken up by Argo CD at once."""
        url = f"{self.endpoints['gitea']}/api/v1/repos/ml/{repository}/contents/{path}"
        login = ("data-scientist", self.platform.password("data-scientist"))
        found = self.http.get(url, auth=login).raise_for_status().json()
        text = base64.b64decode(found["content"]).decode()
        for old, new in changes:
            assert old in text, f"{path} does not hold {old!r}"
            text = text.replace(old, new, 1)
        content = base64.b64encode(text.encode()).decode()
        body = {"content": content, "sha": found["sha"], "message": f"Change {path}"}
        self.http.put(url, json=body, auth=login).raise_for_status()
        refresh = "argocd.argoproj.io/refresh=normal"
        self.kubectl("annotate", "--overwrite", "-n", "argocd", "application", repository, refresh)

    def runs(self, name: str) -> list[dict[str, Any]]:
        """The runs of a pipeline, the newest first."""
        found = json.loads(self.kubectl("get", "workflows", "-n", f"ml-{name}", "-o", "json"))["items"]
        return sorted(found, key=lambda run: run["metadata"]["creationTimestamp"], reverse=True)

    def finished(self, name: str, number: int, seconds: float) -> dict[str, Any]:
        """The newest run, once there are `number` of them and it has ended."""

        def ended() -> dict[str, Any] | None:
            found = self.runs(name)
            done = len(found) >= number and found[0].get("status", {}).get("phase") in FINISHED
            return found[0] if done else None

        return dict(eventually(f"run {number} of {name} ends", ended, seconds))

    def log(self, run: dict[str, Any]) -> str:
        """What the steps of a run have printed."""
        labels = f"workflows.argoproj.io/workflow={run['metadata']['name']}"
        where = ["-n", run["metadata"]["namespace"], "-l", labels]
        return self.kubectl("logs", *where, "-c", "main", "--tail=-1", "--prefix=false")

    def kubectl(self, *arguments: str, given: str = "", seconds: float = 60) -> str:
        """What `kubectl` prints in the node; `given` is its standard input."""
        within = ["docker", "exec", "--interactive", f"{self.platform.name}-control-plane"]
        line = [*within, "kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", *arguments]
        done = subprocess.run(line, input=given, capture_output=True, text=True, check=False, timeout=seconds)
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def of_data_scientist(platform: Platform, **names: str) -> Iterator[Life]:
    """The portal and the services, signed in as the plain user; `names` are those of what it makes."""
    endpoints = platform.status()["endpoints"]
    portal = PortalClient.for_instance(platform.name, endpoints["backstage"], data=platform.data)
    portal.sign_in("data-scientist", platform.password("data-scientist"))
    with portal, client(platform.name, data=platform.data) as http:
        yield Life(platform, portal, http, endpoints, **names)


def eventually(what: str, probe: Callable[[], Any], seconds: float) -> Any:
    """The first truthy answer of `probe`."""
    ends = time.monotonic() + seconds
    while not (answer := probe()):
        assert time.monotonic() < ends, f"{what}: not within {seconds:.0f} s"
        time.sleep(2)
    return answer
