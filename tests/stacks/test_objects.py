"""Which Secrets and namespaces follow from a plan, and how manifests are split for the first apply."""

from __future__ import annotations

import yaml

from stacks import first_apply, objects
from stacks.objects import Ref
from tests.stacks.support import DEFINITION, DEPLOYMENT, plan


def found() -> dict[tuple[str, str], objects.Secret]:
    return {(s.namespace, s.name): s for s in objects.secrets(plan())}


def test_namespaces_are_those_of_packages_and_of_copies() -> None:
    assert objects.namespaces(plan()) == ("postgres", "gitea", "gateway", "objectstore", "mlflow", "argocd")


def test_every_secret_stands_where_it_is_used() -> None:
    assert set(found()) == {
        ("gitea", "gitea-admin"),
        ("argocd", "gitea-admin"),
        ("gitea", "gitea-keys"),
        ("gitea", "database-gitea"),
        ("postgres", "database-gitea"),
        ("gateway", "wildcard"),
        ("mlflow", "database-mlflow"),
        ("postgres", "database-mlflow"),
        ("mlflow", "bucket-models"),
        ("objectstore", "bucket-models"),
    }


def test_only_the_original_is_shown() -> None:
    shown = {key for key, secret in found().items() if objects.SHOW in secret.annotations}
    assert shown == {("gitea", "gitea-admin")}


def test_labels() -> None:
    admin = found()["gitea", "gitea-admin"]
    expected = {objects.PART_OF: "idp", objects.INSTANCE: "idp", objects.PACKAGE: "gitea"}
    assert dict(admin.labels) == expected
    assert dict(found()["gitea", "gitea-keys"].labels) == {**expected, "extra": "label"}
    assert found()["postgres", "database-gitea"].labels["idp.dev/database"] == "gitea"
    assert found()["objectstore", "bucket-models"].labels["idp.dev/bucket"] == "models"


def test_values_are_literals_or_references() -> None:
    assert found()["gitea", "gitea-admin"].data == {
        "username": "platform-admin",
        "password": Ref("gitea/gitea-admin/password", "password"),
    }
    assert found()["gitea", "database-gitea"].data == {
        "host": Ref("fact/database_host"),
        "port": "5432",
        "database": "gitea",
        "sslmode": "disable",
        "username": "gitea",
        "password": Ref("database/gitea/password", "password"),
    }
    assert found()["mlflow", "bucket-models"].data == {
        "endpoint": "http://s3.svc",
        "region": "us-east-1",
        "bucket": "models",
        "access_key": "models",
        "secret_key": Ref("bucket/models/secret_key", "password"),
    }
    wildcard = found()["gateway", "wildcard"]
    assert wildcard.data == {"tls.crt": Ref("tls.crt"), "tls.key": Ref("tls.key")}
    assert wildcard.type == "kubernetes.io/tls"


def test_wanted_names_each_generated_value_once() -> None:
    assert objects.wanted(plan()) == {
        "gitea/gitea-admin/password": "password",
        "gitea/gitea-keys/jwt": "hex32",
        "database/gitea/password": "password",
        "database/mlflow/password": "password",
        "bucket/models/secret_key": "password",
    }


def test_who_runs_a_service_gets_the_same_account_as_who_uses_it() -> None:
    for secret in ("database-mlflow", "bucket-models"):
        service = "postgres" if secret.startswith("database") else "objectstore"
        assert found()[service, secret].data == found()["mlflow", secret].data


def test_definitions_are_split_from_the_rest_and_everything_has_a_namespace() -> None:
    manifests = {"crd.yaml": DEFINITION, "all.yaml": DEPLOYMENT.format(name="gitea")}
    definitions, rest = first_apply.split(manifests, "gitea")
    kinds = [o["kind"] for o in yaml.safe_load_all(definitions)]
    others = list(yaml.safe_load_all(rest))
    assert kinds == ["CustomResourceDefinition"]
    assert {o["kind"] for o in others} == {"Thing", "ConfigMap", "Deployment"}
    assert {o["metadata"]["namespace"] for o in others} == {"gitea"}


def test_workloads_come_last() -> None:
    text = DEPLOYMENT.format(name="a") + "---\n" + DEFINITION
    waves = first_apply.waves(first_apply.objects(text, "a"))
    assert [sorted(o["kind"] for o in wave) for wave in waves] == [
        ["CustomResourceDefinition"],
        ["ConfigMap", "Thing"],
        ["Deployment"],
    ]


def test_objects_outside_namespaces_get_none() -> None:
    [role] = first_apply.objects("kind: ClusterRole\nmetadata: {name: x}\n", "somewhere")
    assert "namespace" not in role["metadata"]
