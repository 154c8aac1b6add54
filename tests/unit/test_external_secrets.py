"""External Secrets: it is there only where it has a use, and may do no more than it must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from bootstrap import paths, plan, preview, render
from bootstrap.model import Plan, Target

NAME = "external-secrets"
WRITING = {"create", "update", "patch", "delete", "deletecollection", "*"}


def cloud() -> Plan:
    planned = plan.load("reference", Target("cloud", "demo"), domain="idp.example.org")
    return plan.located(planned, {"objectstore_region": "eu-central-1"})


def objects(planned: Plan) -> list[dict[str, Any]]:
    package = planned.package(NAME)
    return list(render.documents(render.package(planned, package, preview.unbuilt(planned))))


def of(kind: str, name: str) -> dict[str, Any]:
    found = (o for o in objects(cloud()) if (o["kind"], o["metadata"]["name"]) == (kind, name))
    return next(found)


def examples() -> Iterator[dict[str, Any]]:
    """The objects that the package's page tells users to write."""
    page = (paths.packages() / NAME / "docs" / "index.md").read_text()
    for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL):
        yield from yaml.safe_load_all(block)


@pytest.mark.parametrize("stack", ["reference", "minimal"])
def test_a_local_platform_knows_nothing_of_it(stack: str) -> None:
    """No image to build or carry, no namespace, no definitions."""
    local = plan.load(stack, Target("local", "demo"))
    remote = plan.load(stack, Target("cloud", "demo"), domain="idp.example.org")
    assert NAME in {image.name for image in remote.images}
    assert NAME in remote.namespaces
    assert NAME not in {image.name for image in local.images}
    assert NAME not in local.namespaces
    assert not local.has(NAME)


def test_a_bundle_for_the_cloud_serves_a_local_platform_too() -> None:
    local = plan.load("reference", Target("local", "demo"))
    assert {i.name for i in local.images} == {i.name for i in cloud().images} - {NAME}


def test_it_changes_secrets_only_where_a_namespace_binds_the_role() -> None:
    bound = [o["roleRef"]["name"] for o in objects(cloud()) if o["kind"].endswith("RoleBinding")]
    assert bound == ["idp-external-secrets-controller"]
    rules = of("ClusterRole", bound[0])["rules"]
    on_secrets = [rule for rule in rules if "secrets" in rule["resources"]]
    assert on_secrets
    assert not any(WRITING & set(rule["verbs"]) for rule in on_secrets)
    assert not any("*" in rule[key] for rule in rules for key in ("apiGroups", "resources", "verbs"))


def test_the_page_shows_what_the_manifests_offer() -> None:
    shown = {example["kind"]: example for example in examples()}
    binding, asked = shown["RoleBinding"], shown["ExternalSecret"]["spec"]
    assert {"secrets"} < {
        r for rule in of("ClusterRole", binding["roleRef"]["name"])["rules"] for r in rule["resources"]
    }
    account = binding["subjects"][0]
    assert of("ServiceAccount", account["name"])["metadata"]["namespace"] == account["namespace"]
    assert of(asked["secretStoreRef"]["kind"], asked["secretStoreRef"]["name"])
    assert asked["data"][0]["remoteRef"]["key"].startswith("NAME/shared/")


def test_the_store_has_no_key_and_serves_no_namespace_of_the_platform() -> None:
    spec = of("ClusterSecretStore", "platform")["spec"]
    assert spec["provider"] == {"aws": {"service": "SecretsManager", "region": "eu-central-1"}}
    selector = {"key": "app.kubernetes.io/part-of", "operator": "NotIn", "values": ["idp"]}
    assert spec["conditions"] == [{"namespaceSelector": {"matchExpressions": [selector]}}]


@pytest.mark.parametrize("endpoint", ["", "http://192.0.2.7:5000"])
def test_a_setting_leads_to_another_endpoint(endpoint: str) -> None:
    planned = cloud()
    told = tuple(
        replace(p, settings={**p.settings, "endpoint": endpoint}) if p.name == NAME else p
        for p in planned.packages
    )
    deployment = next(o for o in objects(replace(planned, packages=told)) if o["kind"] == "Deployment")
    variables = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {"name": "AWS_SECRETSMANAGER_ENDPOINT", "value": endpoint} in variables
