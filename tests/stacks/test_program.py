"""The shared program under Pulumi's mocks: every resource, its inputs, and what it waits for."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from bootstrap.model import Plan
from stacks import program
from stacks.engine import Supply, engine_for
from tests.stacks.support import fresh_event_loop, plan, supply

CLUSTER = "pulumi-python:dynamic/idp:KindCluster"
CREDENTIALS = "pulumi-python:dynamic/idp:Credentials"
FIRST_APPLY = "pulumi-python:dynamic/idp:FirstApply"
NAMESPACE = "kubernetes:core/v1:Namespace"
SECRET = "kubernetes:core/v1:Secret"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
PROVIDER = "pulumi:providers:kubernetes"
NAMESPACES = ("postgres", "gitea", "gateway", "objectstore", "mlflow", "argocd")


class Answers(mocks.Mocks):
    """Plays the providers."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        state = dict(args.inputs)
        if args.typ == CLUSTER:
            state |= {"kubeconfig": "the kubeconfig", "identity": "container-1"}
        if args.typ == CREDENTIALS:
            fixed = {"tls.crt": "leaf", "tls.key": "key", "ca.crt": "ca"}
            state |= {"values": {**{i: f"value of {i}" for i in state["wanted"]}, **fixed}}
            state |= {"ca_certificate": "ca"}
        return f"{args.name}-id", state

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
        raise AssertionError(f"the program calls {args.token}")


class Monitor(mocks.MockMonitor):
    """Keeps whole requests: dependencies and options are not among what mocks are told."""

    def __init__(self) -> None:
        super().__init__(Answers())
        self.requests: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - Pulumi's name
        if request.type != "pulumi:pulumi:Stack":
            self.requests[request.name] = request
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    return declare(plan(), supply(image_store=Path("/cache/store"), api_port=6443))


def declare(wanted: Plan, given: Supply) -> dict[str, Any]:
    """Every registration request of the program, by name."""
    monitor = Monitor()
    fresh_event_loop()
    pulumi.runtime.set_mocks(Answers(), project="idp", stack="idp", monitor=monitor)
    program.write_manifests(wanted, given)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def run() -> None:
        program.declare(wanted, given, engine_for(wanted.target.kind))

    run()
    return monitor.requests


def names(urns: Iterable[str]) -> set[str]:
    """The names at the end of URNs."""
    return {urn.rpartition("::")[2] for urn in urns}


def inputs(request: Any) -> dict[str, Any]:
    found: dict[str, Any] = pulumi.runtime.rpc.deserialize_properties(request.object, keep_unknowns=True)
    return found


def test_every_resource(declared: dict[str, Any]) -> None:
    assert {name: request.type for name, request in declared.items()} == {
        "cluster": CLUSTER,
        "credentials": CREDENTIALS,
        "kubernetes": PROVIDER,
        **{f"namespace/{name}": NAMESPACE for name in NAMESPACES},
        **{f"trust/{name}": CONFIG_MAP for name in NAMESPACES},
        "secret/gitea/gitea-admin": SECRET,
        "secret/argocd/gitea-admin": SECRET,
        "secret/gitea/gitea-keys": SECRET,
        "secret/gitea/database-gitea": SECRET,
        "secret/postgres/database-gitea": SECRET,
        "secret/gateway/wildcard": SECRET,
        "secret/mlflow/database-mlflow": SECRET,
        "secret/postgres/database-mlflow": SECRET,
        "secret/mlflow/bucket-models": SECRET,
        "secret/objectstore/bucket-models": SECRET,
        "definitions": FIRST_APPLY,
        "first-apply/postgres": FIRST_APPLY,
        "first-apply/gitea": FIRST_APPLY,
    }


def test_the_cluster(declared: dict[str, Any], tmp_path: Path) -> None:
    found = inputs(declared["cluster"])
    folder = tmp_path / "instances" / "idp"
    expected = {
        "name": "idp",
        "domain": "idp.localhost",
        "folder": str(folder),
        "kubeconfig_file": str(folder / "kubeconfig"),
        "node_image": "idp.local/node:dev",
        "image_store": "/cache/store",
        "https_port": 8443,
        "api_port": 6443,
        "listen_address": "127.0.0.1",
    }
    assert {key: found[key] for key in expected} == expected
    assert list(declared["cluster"].additionalSecretOutputs) == ["kubeconfig"]


def test_the_provider_is_tied_to_the_cluster_and_changes_in_place(declared: dict[str, Any]) -> None:
    found = inputs(declared["kubernetes"])
    assert found["clusterIdentifier"] == "container-1"
    assert is_secret(declared["kubernetes"], "kubeconfig")
    assert found["enableSecretMutable"] == "true"
    assert found["enableConfigMapMutable"] == "true"


def test_everything_in_the_cluster_vanishes_with_it(declared: dict[str, Any]) -> None:
    remaining = {name for name, r in declared.items() if names([r.deletedWith]) != {"cluster"}}
    assert remaining == {"cluster", "credentials"}


def test_kubernetes_objects_use_our_provider(declared: dict[str, Any]) -> None:
    objects = [r for r in declared.values() if r.type.startswith("kubernetes:")]
    assert all("::kubernetes::" in r.provider for r in objects)


def test_secrets_and_certificates_do_not_wait_for_the_cluster(declared: dict[str, Any]) -> None:
    assert list(declared["credentials"].dependencies) == []
    assert list(declared["credentials"].additionalSecretOutputs) == ["values"]


@pytest.mark.parametrize("name", ["secret/gitea/gitea-admin", "secret/argocd/gitea-admin"])
def test_a_secret_waits_for_its_namespace(declared: dict[str, Any], name: str) -> None:
    assert f"namespace/{name.split('/')[1]}" in names(declared[name].dependencies)


def test_secret_values_are_marked_secret_as_a_whole(declared: dict[str, Any]) -> None:
    secrets = [r for r in declared.values() if r.type == SECRET]
    assert secrets
    assert all(is_secret(r, "data") for r in secrets)


def test_a_secret_says_whose_it_is(declared: dict[str, Any]) -> None:
    found = inputs(declared["secret/gitea/gitea-admin"])
    assert found["metadata"] == {
        "name": "gitea-admin",
        "namespace": "gitea",
        "labels": {
            "app.kubernetes.io/part-of": "idp",
            "idp.dev/instance": "idp",
            "idp.dev/package": "gitea",
        },
        "annotations": {"idp.dev/show": "Administrator"},
    }
    assert decoded(found) == {
        "username": "platform-admin",
        "password": "value of gitea/gitea-admin/password",
    }


def test_empty_annotations_are_left_out_or_every_run_would_change_them(declared: dict[str, Any]) -> None:
    metadata = [inputs(r)["metadata"] for r in declared.values() if r.type.startswith("kubernetes:")]
    assert all(m.get("annotations", True) for m in metadata)


def test_the_wildcard_certificate_is_a_tls_secret(declared: dict[str, Any]) -> None:
    found = inputs(declared["secret/gateway/wildcard"])
    assert found["type"] == "kubernetes.io/tls"
    assert decoded(found) == {"tls.crt": "leaf", "tls.key": "key"}


def test_every_namespace_learns_whom_to_trust(declared: dict[str, Any]) -> None:
    for name in NAMESPACES:
        found = inputs(declared[f"trust/{name}"])
        assert found["metadata"]["name"] == "idp-trust"
        assert found["metadata"]["namespace"] == name
        assert found["data"] == {"ca.crt": "ca"}


def test_first_apply_waits_for_definitions_and_secrets(declared: dict[str, Any]) -> None:
    awaited = names(declared["first-apply/gitea"].dependencies)
    assert {"definitions", "cluster"} <= awaited
    assert {"namespace/gitea", "secret/gitea/database-gitea", "trust/gitea"} <= awaited


def test_definitions_wait_for_nothing_but_the_cluster(declared: dict[str, Any]) -> None:
    assert names(declared["definitions"].dependencies) == {"cluster"}


def test_no_manifest_enters_the_state(declared: dict[str, Any], tmp_path: Path) -> None:
    found = inputs(declared["first-apply/gitea"])
    assert found["file"] == str(tmp_path / "instances" / "idp" / "first-apply" / "gitea.yaml")
    assert len(found["sha256"]) == 64
    assert found["identity"] == "container-1"
    assert "Deployment" not in str(found)


def test_a_provider_is_pickled_as_a_name(declared: dict[str, Any]) -> None:
    pickled = base64.b64decode(inputs(declared["cluster"])["__provider"])
    assert b"stacks.kind.cluster" in pickled
    assert b"KindClusterProvider" in pickled
    assert len(pickled) < 120


def test_names_and_ports_come_from_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    found = inputs(declare(plan("second", 9443), supply())["cluster"])
    assert (found["name"], found["domain"], found["https_port"]) == ("second", "second.localhost", 9443)


def is_secret(request: Any, key: str) -> bool:
    """Does the wire format say that the input is secret?"""
    fields = request.object.fields[key].struct_value.fields
    mark = pulumi.runtime.rpc._special_sig_key
    return mark in fields and fields[mark].string_value == pulumi.runtime.rpc._special_secret_sig


def decoded(secret: dict[str, Any]) -> dict[str, str]:
    data = secret["data"]
    plain = data["value"] if "value" in data and len(data) == 2 else data
    return {key: base64.b64decode(value).decode() for key, value in plain.items()}
