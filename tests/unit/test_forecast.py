"""What `idp plan` and `idp up` say to programs and to pull requests: shapes that others build on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bootstrap import cli, up
from bootstrap.cli import forecast, options, views
from bootstrap.cli.options import Output, PlanOutput
from bootstrap.errors import DRIFTED, IdpError
from bootstrap.model import Check, Plan, Status, Target
from stacks.automation import Drift, Outcome
from stacks.heard import Change

CREATED = Change("create", "aws:kms/key:Key", "key")
CHANGED = Change("update", "aws:rds/instance:Instance", "database", ("backupRetentionPeriod", "tags|x"))
OUTCOME = Outcome({"create": 1, "update": 1}, resources=(CREATED, CHANGED))
DRIFT = Drift((Change("changed", CHANGED.type, "database", ("tags",)), Change("gone", CREATED.type, "key")))


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("IDP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("IDP_NAME", raising=False)


def planned() -> Plan:
    return options.plan_for(
        Target("cloud", "idp"), "reference", options.Size.AUTO, "workshop", "idp.example.org"
    )


def shown(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_plan_for_programs_names_each_change(capsys: pytest.CaptureFixture[str]) -> None:
    forecast.plan(planned(), OUTCOME, PlanOutput.JSON)
    found = shown(capsys)
    assert set(found) == {
        *("stack", "target", "profile", "domain", "facts", "requirements", "cloud", "packages"),
        *("preview", "changes", "reason"),
    }
    assert found["target"] == {"kind": "cloud", "name": "idp"}
    assert (found["profile"], found["domain"]) == ("workshop", "idp.example.org")
    assert all(package["version"] for package in found["packages"])
    assert (found["preview"], found["reason"]) == ({"create": 1, "update": 1}, None)
    assert found["changes"] == [
        {"operation": "create", "type": "aws:kms/key:Key", "name": "key", "properties": []},
        {
            "operation": "update",
            "type": "aws:rds/instance:Instance",
            "name": "database",
            "properties": ["backupRetentionPeriod", "tags|x"],
        },
    ]


def test_a_plan_without_a_preview_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    forecast.plan(planned(), "none before the bundle is complete", PlanOutput.JSON)
    found = shown(capsys)
    assert (found["preview"], found["changes"]) == (None, None)
    assert found["reason"] == "none before the bundle is complete"


COMMENT = """\
**Preview:** 1 to create, 1 to update

<details><summary>2 resources</summary>

| change | resource | type | properties |
| --- | --- | --- | --- |
| create | `key` | `aws:kms/key:Key` |  |
| update | `database` | `aws:rds/instance:Instance` | backupRetentionPeriod, tags\\|x |

</details>
"""


def test_a_plan_as_a_comment_on_a_pull_request(capsys: pytest.CaptureFixture[str]) -> None:
    forecast.plan(planned(), OUTCOME, PlanOutput.MARKDOWN)
    said = capsys.readouterr().out
    assert said.startswith("### Plan of `idp`: stack `reference` on `cloud`\n\n|  |  |\n| --- | --- |\n")
    assert "| profile | workshop |\n| domain | idp.example.org |\n" in said
    assert said.endswith(COMMENT)


def test_a_comment_stays_within_what_a_pull_request_takes(capsys: pytest.CaptureFixture[str]) -> None:
    long = tuple(Change("create", "aws:vpc/securityGroupIngressRule:Rule", f"{i:0100}") for i in range(999))
    forecast.plan(planned(), Outcome({"create": 999}, resources=long), PlanOutput.MARKDOWN)
    said = capsys.readouterr().out
    assert len(said) < 65536
    assert "… and 799 more" in said


DRIFTED_TABLE = """\
CHANGE   RESOURCE  TYPE                       PROPERTIES
changed  database  aws:rds/instance:Instance  tags
gone     key       aws:kms/key:Key

2 resources are not as recorded. `idp up` puts right what the stack definition says.
"""


def test_drift_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    forecast.drift(planned(), DRIFT, PlanOutput.TABLE)
    assert capsys.readouterr().out == DRIFTED_TABLE
    forecast.drift(planned(), Drift(), PlanOutput.TABLE)
    assert capsys.readouterr().out == "What Pulumi made of `idp` is as recorded.\n"
    forecast.drift(planned(), DRIFT, PlanOutput.MARKDOWN)
    assert "| gone | `key` | `aws:kms/key:Key` |  |" in capsys.readouterr().out


@pytest.mark.parametrize(("found", "code"), [(DRIFT, DRIFTED), (Drift(), 0)], ids=["drift", "none"])
def test_the_exit_code_tells_drift_from_failure(
    found: Drift, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bootstrap.preview.drift", lambda *_: found)
    arguments = ["plan", "--stack", "minimal", "--detect-drift", "--progress", "plain", "-o", "json"]
    assert cli.run(arguments) == code
    said = shown(capsys)
    assert (said["drift"], len(said["resources"])) == (bool(found), len(found.resources))


def test_there_is_no_drift_of_what_was_never_recorded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("stacks.kind.engine.KindEngine.locate", lambda *_: None)
    assert cli.run(["plan", "--stack", "minimal", "--detect-drift", "--progress", "plain"]) == 1
    assert "IDP-P023" in capsys.readouterr().err


def test_looking_for_drift_needs_an_account(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise IdpError("IDP-C003", "the AWS credentials have expired")

    monkeypatch.setattr("stacks.eks.engine.EksEngine.locate", refuse)
    asked = ["plan", "--cloud", "--profile", "team", "--domain", "idp.example.org"]
    assert cli.run([*asked, "--detect-drift", "--progress", "plain"]) == 1
    assert "IDP-C003" in capsys.readouterr().err


def test_up_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    status = Status("idp", "cloud", [Check("gitea", True, "200", 0.5)], [], {"gitea": "https://gitea.x"})
    facts = {"domain": "x", "database_host": "db.x"}
    result = up.Result(status, True, facts, "2026-12-01T00:00:00+00:00")
    views.ready(result, [("bundle", 1.0), ("ready", 2.5004)], Output.JSON)
    assert shown(capsys) == {
        "ready": True,
        "name": "idp",
        "target": "cloud",
        "checks": [{"name": "gitea", "ok": True, "detail": "200", "seconds": 0.5}],
        "applications": [],
        "endpoints": {"gitea": "https://gitea.x"},
        "changed": True,
        "stages": [{"name": "bundle", "seconds": 1.0}, {"name": "ready", "seconds": 2.5}],
        "seconds": 3.5,
        "facts": facts,
        "expires": "2026-12-01T00:00:00+00:00",
    }
