"""The whole cloud program through the real Pulumi command: its engine, our policies, a provider that plays.

`fakeaws` stands in for the AWS provider. So this proves the program, the dependencies that
the engine sees, the policies and what reaches the state, and nothing of what AWS itself would say.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

from bootstrap import paths, shell
from bootstrap.errors import IdpError
from bootstrap.model import Plan
from bootstrap.progress import silent
from stacks import automation, keeping, objects, program, workspace
from stacks.credentials import Credentials
from stacks.eks.engine import ENGINE, EksEngine
from stacks.engine import Supply
from stacks.heard import Change, Heard
from tests.stacks import support
from tests.stacks.eks import fakeaws
from tests.stacks.eks.answers import REGION
from tests.stacks.eks.support import DOMAIN, PROFILES, plan, profile, supply
from tests.stacks.eks.test_engine import CASES

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(
        shutil.which("pulumi", path=shell.environment()["PATH"]) is None, reason="pulumi is not installed"
    ),
]

REALITY = "reality.json"


@pytest.fixture(autouse=True)
def world(tmp_path: Path, aws: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folders of its own, a provider that plays, and moto; returns the file that is reality."""
    programs = tmp_path / "programs"
    programs.mkdir()
    fakeaws.install(programs)
    monkeypatch.setenv("PATH", os.pathsep.join([str(programs), os.environ["PATH"]]))
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv(fakeaws.REALITY, str(tmp_path / REALITY))
    paths.instance("idp").mkdir(parents=True)
    return tmp_path / REALITY


def given(**more: Any) -> Supply:
    return supply(REGION, manifests=support.supply().manifests, **more)


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_passes_the_policies_in_a_real_preview(name: str, world: Path) -> None:
    found = automation.preview(plan(profile(name)), given(), silent())
    assert set(found.changes) == {"create"}
    types = {change.type for change in found.resources}
    assert {"aws:eks/cluster:Cluster", "aws:rds/instance:Instance"} <= types
    assert {"kubernetes:storage.k8s.io/v1:StorageClass", "kubernetes:core/v1:Secret"} <= types
    assert not world.exists(), "a preview made something"


def altered(monkeypatch: pytest.MonkeyPatch, cases: list[dict[str, Any]]) -> None:
    """Let the program ask for what the cases say."""
    changes: dict[str, dict[str, Any]] = {}
    for case in cases:
        changes.setdefault(case["resource"], {}).update(case["change"])
    monkeypatch.setenv(fakeaws.ALTERED, json.dumps(changes))


def first_of_each_rule() -> list[dict[str, Any]]:
    """Violations that one program can hold at once: one per rule, all tags and no tags exclude each other."""
    found = {case["name"]: case for case in reversed(CASES["violations"])}
    return [case for name, case in found.items() if name != "tags-present"]


def refused(run: Callable[[], object]) -> IdpError:
    with pytest.raises(IdpError) as caught:
        run()
    assert caught.value.code == "IDP-P022", caught.value
    return caught.value


def test_a_real_preview_refuses_every_seeded_violation_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seeded = first_of_each_rule()
    altered(monkeypatch, seeded)
    error = refused(lambda: automation.preview(plan(profile("production")), given(), silent()))
    said = "\n".join(error.faults)
    for case in seeded:
        assert re.search(rf"^{re.escape(case['resource'])}: .+ \({case['name']}\)$", said, re.M), case["name"]


def test_a_resource_without_tags_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    altered(monkeypatch, [case for case in CASES["violations"] if case["name"] == "tags-present"])
    error = refused(lambda: automation.preview(plan(profile("team")), given(), silent()))
    assert error.faults == ["network: it has no tags at all (tags-present)"]


def test_up_is_refused_before_anything_is_made(world: Path) -> None:
    """By a plan that asks for it, not by altered properties."""
    team = profile("team")
    careless = replace(team, database=replace(team.database, backup_days=0))
    error = refused(lambda: automation.up(plan(careless), given(), silent()))
    assert error.faults == ["database: no backups are kept (database-backups)"]
    assert not world.exists()
    assert not workspace.state("idp").read().first("aws:eks/cluster:Cluster")


def test_a_profile_that_asks_for_an_open_api_gets_it(world: Path) -> None:
    """What was asked for reaches the pack in its process."""
    everyone = replace(profile("team"), public_cidrs=("0.0.0.0/0",))
    assert automation.preview(plan(everyone), given(), silent()).changes


@pytest.fixture
def made(world: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The target's own resources, really brought up: what is in the cluster needs one.

    The registry's token, which our own provider asks for, comes from moto.
    """

    def declare(wanted: Plan, supplied: Supply, engine: EksEngine) -> None:
        credentials = Credentials("credentials", wanted.target.name, DOMAIN, objects.wanted(wanted))
        cluster = engine.provision(wanted, supplied, credentials)
        pulumi.export("ca", pulumi.Output.unsecret(credentials.ca_certificate))
        pulumi.export("facts", dict(cluster.facts))
        pulumi.export("clear", credentials.values)

    monkeypatch.setattr(program, "declare", declare)
    return plan(profile("team"))


def test_up_makes_it_and_a_second_run_changes_nothing(made: Plan, world: Path) -> None:
    found = automation.up(made, given(), silent())
    assert found.new_cluster
    assert found.facts == {"database_host": "idp.rds.example.org"}
    assert "arn" in json.loads(world.read_text())["cluster-id"]["found"]
    assert automation.up(made, given(), silent()).changes == {}
    assert automation.preview(made, given(), silent()).resources == ()
    assert not automation.drift("idp", silent())

    # Somebody opens the database and deletes a bucket's protection, behind our back.
    reality = json.loads(world.read_text())
    reality["database-id"]["asked"]["publiclyAccessible"] = True
    del reality["bucket/models/private-id"]
    world.write_text(json.dumps(reality))
    assert automation.drift("idp", silent()).resources == (
        Change("gone", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket/models/private"),
        Change("changed", "aws:rds/instance:Instance", "database", ("publiclyAccessible",)),
    )
    # Looking changes nothing: the state still says what it said.
    assert json.loads(world.read_text()) == reality
    assert len(automation.drift("idp", silent()).resources) == 2


def test_what_is_kept_outlives_a_removal_and_the_next_up_goes_on_from_it(made: Plan, world: Path) -> None:
    automation.up(made, given(), silent())
    passwords = generated()
    automation.destroy("idp", silent(), "cloud", keep=True)
    left = [r["type"] for r in automation.recorded("idp").resources if r["type"] != "pulumi:pulumi:Stack"]
    assert left
    assert all(type_.startswith((*keeping.KEPT, "pulumi:providers:")) for type_ in left), left
    assert {"key-id", "bucket/models-id"} <= set(json.loads(world.read_text()))
    assert "database-id" not in json.loads(world.read_text())
    automation.up(made, given(), silent())
    assert generated() == passwords
    automation.destroy("idp", silent(), "cloud")
    assert {r["type"] for r in automation.recorded("idp").resources} <= {"pulumi:pulumi:Stack"}


def generated() -> dict[str, str]:
    """The generated values in clear text, as only the holder of the passphrase can see them."""
    shown = workspace.open_stack("idp").workspace.stack_outputs("idp")["clear"]
    assert shown.secret
    return {name: value for name, value in shown.value.items() if not name.endswith(".crt")}


def test_nothing_that_a_run_says_or_leaves_holds_a_secret(made: Plan) -> None:
    """Pulumi's events to this process do hold them in clear text; so what we keep of events is looked at."""
    automation.up(made, given(), silent())
    secrets = generated()
    assert len(secrets) >= 4
    team = profile("team")
    longer = plan(replace(team, database=replace(team.database, backup_days=9)))
    stack = workspace.open_stack("idp", lambda: program.declare(longer, given(), ENGINE))
    heard = Heard()
    shown = stack.preview(color="never", diff=True, on_event=heard.on_event)
    refreshed = stack.preview_refresh(color="never", on_event=heard.on_event)
    texts = {
        "preview": shown.stdout + shown.stderr,
        "comparison": refreshed.stdout + refreshed.stderr,
        "heard": repr(vars(heard)),
    }
    assert "database" in texts["preview"]
    for file in (f for f in paths.instance("idp").rglob("*") if f.is_file()):
        texts[str(file)] = file.read_text(errors="replace")
    leaks = [
        (place, name) for place, text in texts.items() for name, value in secrets.items() if value in text
    ]
    assert leaks == []
