"""The few requests to the cluster's API that a run makes itself, as the pod's own account."""

from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Protocol

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class Cluster(Protocol):
    def get(self, path: str) -> dict[str, Any] | None: ...

    def create(self, path: str, body: dict[str, Any]) -> None: ...

    def merge(self, path: str, body: dict[str, Any]) -> None: ...


class InCluster:
    """The API server, as seen from a pod."""

    def get(self, path: str) -> dict[str, Any] | None:
        """The object, or None where there is none."""
        try:
            return self._ask("GET", path)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def create(self, path: str, body: dict[str, Any]) -> None:
        self._ask("POST", path, body)

    def merge(self, path: str, body: dict[str, Any]) -> None:
        self._ask("PATCH", path, body, "application/merge-patch+json")

    def _ask(self, method: str, path: str, body: Any = None, content: str = "application/json") -> Any:
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
        token = (_ACCOUNT / "token").read_text()
        request = urllib.request.Request(
            f"https://{host}:{port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": content},
        )
        trust = ssl.create_default_context(cafile=str(_ACCOUNT / "ca.crt"))
        with urllib.request.urlopen(request, timeout=30, context=trust) as answer:
            return json.load(answer)
