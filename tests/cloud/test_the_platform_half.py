"""The half of a cloud platform that is not AWS: images from a registry outside, accounts on a database that
somebody else runs, buckets in a store that somebody else runs. All of it for real, in a second cluster.
"""

from __future__ import annotations

import json

import pytest

from bootstrap import plan as planning
from bootstrap.model import Target
from tests.cloud.world import World
from tests.e2e.life import FAILING, eventually, of_data_scientist
from tests.platform import Platform

pytestmark = pytest.mark.cluster

#: The usual names may be taken here by what was promoted.
OWN = {"dataset": "fan-readings", "model": "fan-state", "service": "fan-api"}


def test_every_part_answers(elsewhere: Platform) -> None:
    status = elsewhere.status()
    assert status["target"] == "existing"
    assert [c["name"] for c in status["checks"] if not c["ok"]] == []


def test_every_image_came_from_the_registry_by_digest(elsewhere: Platform, outside: World) -> None:
    """The node was made without any image of the platform."""
    rows = json.loads(elsewhere.idp("status", "-o", "json").out)
    assert rows["ready"]
    ours = {reference for reference in outside.images() if reference.startswith(f"{outside.registry}/idp/")}
    names = {reference.removeprefix(f"{outside.registry}/idp/").partition("@")[0] for reference in ours}
    assert {"gitea", "argocd", "backstage", "traefik", "mlflow"} <= names
    assert all("@sha256:" in reference for reference in ours)


def test_every_image_is_signed_by_the_key_that_the_facts_name(elsewhere: Platform, outside: World) -> None:
    registry = f"{outside.registry}/idp"
    done = elsewhere.idp("bundle", "verify", "--from", registry, "--key", outside.signer, "-o", "json")
    assert len(json.loads(done.out)) > 10
    mine = elsewhere.idp("bundle", "verify", "--from", registry, check=False)
    assert "IDP-S002" in mine.err, "nothing was signed by a key of this machine"


def test_an_image_of_somebody_else_does_not_run(elsewhere: Platform) -> None:
    foreign = f"registry.example.org/tool@sha256:{'a' * 64}"
    with of_data_scientist(elsewhere) as life:
        life.kubectl("create", "namespace", "ml-guests")
        with pytest.raises(AssertionError, match="only images of the platform may run here"):
            life.kubectl("run", "tool", "--namespace", "ml-guests", f"--image={foreign}")
        life.kubectl("delete", "namespace", "ml-guests")


def test_databases_are_made_outside_and_none_runs_inside(elsewhere: Platform, outside: World) -> None:
    plan = planning.load("reference", Target("local", "any"))
    databases = {share.name for share in plan.databases}
    assert databases <= set(outside.psql("select datname from pg_database").split())
    roles = outside.psql("select rolname from pg_roles where rolsuper").split()
    assert roles == ["root"]
    with of_data_scientist(elsewhere) as life:
        pods = life.kubectl("get", "pods", "--all-namespaces", "-o", "name")
    assert "database-accounts" in pods
    assert "objectstore" not in pods


def test_a_second_run_changes_nothing(elsewhere: Platform, outside: World) -> None:
    again = elsewhere.idp("up", "--progress", "plain")
    assert "Nothing changed" in again.out + again.err


def test_a_model_is_trained_and_served(elsewhere: Platform, outside: World) -> None:
    before = outside.objects("cloud-mlflow")
    with of_data_scientist(elsewhere, **OWN) as life:
        life.scaffold_dataset()
        life.scaffold_pipeline()
        life.scaffold_service()
        run = life.finished(life.model, 1, 400)
        assert run["status"]["phase"] == "Succeeded", life.log(run)
        eventually("version 1 is served", lambda: life.ask("GET", "/readyz").is_success, 180)
        answer = life.ask("POST", "/predict", json={"instances": [FAILING]}).raise_for_status().json()
        assert answer["predictions"]
    stored = set(outside.objects("cloud-mlflow")) - set(before)
    assert [file for file in stored if file.endswith("MLmodel")]
