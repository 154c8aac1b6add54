"""What a data scientist does with a platform and sees of it, for the tests of this folder."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from bootstrap.portal import PortalClient
from tests.platform import Platform

DATASET, MODEL, SERVICE, BATCH = "pump-readings", "pump-state", "pump-api", "pump-scores"
OWNER = "group:default/ml-team"
FINISHED = ("Succeeded", "Failed", "Error")


@dataclass(frozen=True)
class Life:
    """What a data scientist does and sees."""

    platform: Platform
    portal: PortalClient
    http: httpx.Client
    endpoints: dict[str, str]

    def scaffold(self, template: str, **values: Any) -> None:
        filled = {"owner": OWNER, "description": "Pumps", **values}
        task = self.portal.scaffold(f"template:default/{template}", filled, timeout=240)
        assert task["status"] == "completed", task["log"]

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """The model service through the gateway."""
        url = self.endpoints["backstage"].replace("backstage", SERVICE, 1)
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

    def kubectl(self, *arguments: str) -> str:
        within = ["docker", "exec", f"{self.platform.name}-control-plane"]
        line = [*within, "kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", *arguments]
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


def eventually(what: str, probe: Callable[[], Any], seconds: float) -> Any:
    """The first truthy answer of `probe`."""
    ends = time.monotonic() + seconds
    while not (answer := probe()):
        assert time.monotonic() < ends, f"{what}: not within {seconds:.0f} s"
        time.sleep(2)
    return answer
