"""Routes of workspaces as objects of the Gateway API. Pure.

The platform has a gateway already, so the hub needs no proxy of its own: each running workspace is an
HTTPRoute beside the one of the hub, which its manifest brings and which takes everything else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

GROUP, VERSION, PLURAL = "gateway.networking.k8s.io", "v1", "httproutes"
LABEL = "idp.dev/workspace-route"
ANNOTATION = "idp.dev/route"


@dataclass(frozen=True)
class Place:
    """Where routes are made: the hub's namespace, its host and the gateway."""

    namespace: str
    host: str
    gateway_name: str = "platform"
    gateway_namespace: str = "gateway"


def name_of(routespec: str) -> str:
    """The object of a path such as `/user/ada/iris/`."""
    return f"workspace-{hashlib.sha256(routespec.encode()).hexdigest()[:16]}"


def manifest(routespec: str, target: str, data: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """`target` is the address of a Service in the same namespace: `http://SERVICE.NAMESPACE…:PORT`."""
    address = urlsplit(target)
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "HTTPRoute",
        "metadata": {
            "name": name_of(routespec),
            "namespace": place.namespace,
            "labels": {LABEL: "true", "app.kubernetes.io/part-of": "idp", "idp.dev/package": "notebooks"},
            "annotations": {
                ANNOTATION: json.dumps({"routespec": routespec, "target": target, "data": dict(data)})
            },
        },
        "spec": {
            "parentRefs": [{"name": place.gateway_name, "namespace": place.gateway_namespace}],
            "hostnames": [place.host],
            "rules": [
                {
                    "matches": [{"path": {"type": "PathPrefix", "value": routespec.rstrip("/")}}],
                    "backendRefs": [
                        {"name": (address.hostname or "").split(".")[0], "port": address.port or 80}
                    ],
                }
            ],
        },
    }


def described(route: Mapping[str, Any]) -> dict[str, Any]:
    """What the hub once asked for when it made this route."""
    content: dict[str, Any] = json.loads(route["metadata"]["annotations"][ANNOTATION])
    return content
