"""Passwords that exist in the namespace and nowhere else: made once, never printed, never in Git or in state.

    python credentials.py
"""

from __future__ import annotations

import base64
import secrets

import settings
from cluster import Cluster, InCluster
from settings import Settings


def ensure(chosen: Settings, cluster: Cluster) -> list[str]:
    """Make the Secrets that are missing; returns their names."""
    base = f"/api/v1/namespaces/{chosen.namespace}/secrets"
    made = []
    for name, values in wanted(chosen).items():
        if cluster.get(f"{base}/{name}") is None:
            cluster.create(base, _secret(chosen, name, values))
            made.append(name)
    return made


def wanted(chosen: Settings) -> dict[str, dict[str, str]]:
    """Secret -> its values: what encrypts the state, and what opens the resource."""
    found = {f"{chosen.name}-state": {"passphrase": secrets.token_urlsafe(32)}}
    host = f"{chosen.name}.{chosen.namespace}.svc"
    if chosen.place == "local" and chosen.kind == "database":
        name = chosen.name.replace("-", "_")
        found[chosen.name] = {
            "host": host,
            "port": "5432",
            "database": name,
            "username": name,
            "password": secrets.token_urlsafe(32),
        }
    elif chosen.place == "local":
        found[chosen.name] = {
            "endpoint": f"http://{host}:9000",
            "region": "us-east-1",
            "bucket": chosen.name,
            "access_key": secrets.token_hex(10).upper(),
            "secret_key": secrets.token_urlsafe(32),
        }
    return found


def _secret(chosen: Settings, name: str, values: dict[str, str]) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": chosen.name}},
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()},
    }


if __name__ == "__main__":
    for name in ensure(settings.load(), InCluster()):
        print(f"made the Secret {name}")
