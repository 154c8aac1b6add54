"""Secrets of AWS Secrets Manager in a namespace of users: the real operator, in a real cluster, asks moto."""

from __future__ import annotations

import base64
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import yaml
from moto.server import ThreadedMotoServer

from bootstrap import bundle, kube, paths
from bootstrap import plan as planning
from bootstrap.model import Target
from bootstrap.progress import silent
from tests import aws
from tests.cloud import world
from tests.cloud.conftest import up
from tests.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
OPERATOR, HOME = "external-secrets", "ml-weather"
KIND = "external-secrets.io/v1/ExternalSecret"


def wanted(key: str) -> list[kube.Object]:
    """What a service brings: the page of the package has the same."""
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": OPERATOR, "namespace": HOME},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "idp-external-secrets-writer",
            },
            "subjects": [{"kind": "ServiceAccount", "name": OPERATOR, "namespace": OPERATOR}],
        },
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": "weather-api", "namespace": HOME},
            "spec": {
                "refreshInterval": "10s",
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": "platform"},
                "target": {"name": "weather-api"},
                "data": [{"secretKey": "token", "remoteRef": {"key": key, "property": "token"}}],
            },
        },
    ]


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, image: Callable[[str], str], artifacts: Path
) -> Iterator[kube.Cluster]:
    """The small stack in a cluster whose facts name AWS Secrets Manager, which moto plays."""
    name, work = f"e2e-cloud-s{os.getpid()}", tmp_path_factory.mktemp("world")
    more = {"secrets": "aws-secrets-manager"}
    told = {"domain": f"{name}.localhost", "registry": "unknown", "objectstore": "managed", **more}
    plan = planning.load("minimal", Target("existing", name, facts=told))
    lock = bundle.build(plan, bundle.Source.AUTO, silent())
    with world.existing(name, lock, image, plan, work, more) as made:
        server = ThreadedMotoServer(world.gateway_of(name), 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        stack = yaml.safe_load((paths.stacks() / "minimal.yaml").read_text())
        stack["packages"][OPERATOR] = {"settings": {"endpoint": url}}
        definition = work / "minimal.yaml"
        definition.write_text(yaml.safe_dump(stack))
        aws.client("secretsmanager", url).create_secret(
            Name=f"{name}/shared/weather-api", SecretString='{"token": "sunny"}'
        )
        platform = Platform(
            name, tmp_path_factory.mktemp("data"), artifacts / "secrets.log", made.environment
        )
        identity = threading.Thread(target=give_identity, args=(made.kubeconfig,), daemon=True)
        identity.start()
        platform.idp(*up(made), "--stack", str(definition))
        with kube.Cluster(made.kubeconfig) as api:
            yield api
        server.stop()


def give_identity(kubeconfig: Path) -> None:
    """What Pod Identity would do: keys for the operator's pods, as soon as there is a place for them."""
    with kube.Cluster(kubeconfig) as api:
        for _ in range(600):
            if api.get("v1/Namespace", OPERATOR):
                api.apply([kube.secret("aws-credentials", OPERATOR, KEYS, {})])
                return
            time.sleep(0.5)


def test_a_value_gets_into_a_namespace_of_users(cluster: kube.Cluster) -> None:
    (node,) = cluster.list("v1/Node")
    key = f"{node['metadata']['name'].removesuffix('-control-plane')}/shared/weather-api"
    cluster.apply(wanted(key))

    def missing(found: Sequence[kube.Object]) -> list[str]:
        return [] if any(s["metadata"]["name"] == "weather-api" for s in found) else ["weather-api"]

    cluster.wait_for("v1/Secret", missing, lambda what: None, 180, namespace=HOME)
    made = cluster.get("v1/Secret", "weather-api", HOME) or {}
    assert base64.b64decode(made["data"]["token"]) == b"sunny"


def test_no_secret_of_the_platform_can_be_replaced(cluster: kube.Cluster) -> None:
    """The store serves no namespace of the platform's, whatever an ExternalSecret there asks for."""
    *_, asked = wanted("any/shared/weather-api")
    asked["metadata"] = {"name": "gitea-admin", "namespace": "gitea"}
    asked["spec"]["target"] = {"name": "gitea-admin"}
    before = cluster.get("v1/Secret", "gitea-admin", "gitea")
    cluster.apply([asked])

    def refused(found: Sequence[kube.Object]) -> list[str]:
        conditions = [c for o in found for c in (o.get("status") or {}).get("conditions") or ()]
        return [] if any(c["status"] == "False" for c in conditions) else ["a refusal"]

    cluster.wait_for(KIND, refused, lambda what: None, 120, namespace="gitea")
    assert cluster.get("v1/Secret", "gitea-admin", "gitea") == before
