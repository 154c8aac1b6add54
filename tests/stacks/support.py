"""A small plan for tests of the stack, and cases from YAML files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.model import Facts, Package, Plan, Requirements, SecretKey, SecretSpec, Target
from stacks.engine import Supply

HERE = Path(__file__).parent


def cases(file: str, part: str | None = None) -> list[Any]:
    """The cases of a file as pytest parameters, named by their `name`."""
    content = yaml.safe_load((HERE / "cases" / file).read_text())
    found = content[part] if part else content
    return [pytest.param(case, id=case["name"]) for case in found]


def plan(name: str = "idp", https_port: int = 8443, target: str = "local") -> Plan:
    """Packages that between them use every part of a contract that Pulumi cares about."""
    admin = {"username": SecretKey("idp_admin"), "password": SecretKey(generate="password")}
    postgres = package(
        "postgres",
        bootstrap=True,
        secrets=(SecretSpec("database-admin", admin, where={"database": "managed"}),),
    )
    objectstore = package("objectstore")
    mlflow = package("mlflow", databases=("mlflow",), buckets=("models",))
    gitea = package(
        "gitea",
        bootstrap=True,
        databases=("gitea",),
        secrets=(
            SecretSpec(
                "gitea-admin",
                {"username": SecretKey("platform-admin"), "password": SecretKey(generate="password")},
                show="Administrator",
                also=("argocd",),
            ),
            SecretSpec("gitea-keys", {"jwt": SecretKey(generate="hex32")}, labels={"extra": "label"}),
        ),
    )
    gateway = package(
        "gateway",
        secrets=(
            SecretSpec(
                "wildcard",
                {"tls.crt": SecretKey(generate="certificate"), "tls.key": SecretKey(generate="certificate")},
                type="kubernetes.io/tls",
            ),
        ),
    )
    facts = Facts(
        name=name,
        domain=f"{name}.localhost",
        https_port=https_port,
        gateway_class="traefik",
        storage_class="standard",
        registry="idp.local",
        database_host="db.svc",
        objectstore_endpoint="http://s3.svc",
        size="default",
    )
    packages = (postgres, gitea, gateway, objectstore, mlflow)
    return Plan("test", Target(target, name), facts, packages, Requirements(1, 1, 1))


def package(name: str, **more: Any) -> Package:
    return Package(name, Path("packages") / name, name, f"{name} for tests", "1", **more)


def supply(**more: Any) -> Supply:
    manifests = {
        "postgres": {"all.yaml": DEPLOYMENT.format(name="postgres")},
        "gitea": {"crd.yaml": DEFINITION, "all.yaml": DEPLOYMENT.format(name="gitea")},
    }
    return Supply(**{"node_image": "idp.local/node:dev", "manifests": manifests, **more})


DEPLOYMENT = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: {name}}}
data: {{key: value}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: 0
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: pause, image: "registry.k8s.io/pause:3.10"}}]}}
"""

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.test.idp.dev}
spec:
  group: test.idp.dev
  scope: Namespaced
  names: {kind: Thing, plural: things, singular: thing}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
apiVersion: test.idp.dev/v1
kind: Thing
metadata: {name: one}
"""


def fresh_event_loop() -> None:
    """Pulumi takes the thread's event loop, which is gone once another test has run one of its own."""
    asyncio.set_event_loop(asyncio.new_event_loop())
