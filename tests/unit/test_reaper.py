"""Whose time has passed is a question of values; taking down is a callable."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
import typer

from bootstrap import cli
from bootstrap.cli.cloud import reap as command
from bootstrap.cli.options import Output
from bootstrap.cloud import reaper
from bootstrap.cloud.records import remember
from bootstrap.console import Mode
from bootstrap.errors import READY, WRONG_USE, IdpError
from bootstrap.instance import Instance
from bootstrap.progress import Reporter, silent
from tests.aws import ACCOUNT, REGION, foundation

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def platform(name: str, expires: str = "") -> Instance:
    return Instance(name, "cloud", "reference", "default", 443, 16443, region="here-1", expires=expires)


EARLIER, LATER = platform("earlier", "2026-11-26T11:59:59Z"), platform("later", "2026-11-26T12:00:01Z")
LONG_AGO, UNREADABLE = platform("long-ago", "2026-01-01T00:00:00Z"), platform("unreadable", "soon")


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        ("", False),
        ("2026-11-26T12:00:00Z", True),
        ("2026-11-26T12:00:01Z", False),
        ("2026-11-26T14:00:00+02:00", True),
        ("2026-11-26T12:00:00", True),
    ],
)
def test_whose_time_has_passed(expires: str, expected: bool) -> None:
    assert bool(reaper.due([platform("a", expires)], NOW)) == expected


def test_longest_ago_first_and_what_cannot_be_read_is_told() -> None:
    found = reaper.due([EARLIER, UNREADABLE, LATER, platform("for-ever"), LONG_AGO], NOW)
    assert [one.record.name for one in found] == ["long-ago", "earlier", "unreadable"]
    assert [bool(one.fault) for one in found] == [False, False, True]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (IdpError("IDP-P009", "Pulumi failed", "a volume is in use"), "IDP-P009: Pulumi failed: a volume is"),
        (OSError("disk full"), "OSError: disk full"),
    ],
)
def test_one_that_fails_does_not_keep_the_others_standing(error: Exception, words: str) -> None:
    taken = []

    def take_down(record: Instance, reporter: Reporter) -> None:
        taken.append(record.name)
        if record is LONG_AGO:
            raise error

    found = reaper.reap(reaper.due([EARLIER, LONG_AGO, UNREADABLE], NOW), take_down, silent())
    assert taken == ["long-ago", "earlier"]  # not the one whose end nobody can read
    assert [(one.record.name, one.removed) for one in found] == [
        ("long-ago", False),
        ("earlier", True),
        ("unreadable", False),
    ]
    assert words in found[0].fault


def ran(records: list[Instance], *, yes: bool = True, dry_run: bool = False) -> list[str]:
    taken: list[str] = []
    command.run(records, lambda one, _: taken.append(one.name), NOW, yes, dry_run, Mode.PLAIN, Output.JSON)
    return taken


def test_the_command_takes_down_what_is_due(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran([EARLIER, LATER]) == ["earlier"]
    said = json.loads(capsys.readouterr().out)
    assert said["ok"]
    assert [(p["name"], p["removed"]) for p in said["platforms"]] == [("earlier", True)]


def test_a_dry_run_takes_nothing_down_and_needs_no_consent(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran([EARLIER], yes=False, dry_run=True) == []
    assert [p["removed"] for p in json.loads(capsys.readouterr().out)["platforms"]] == [False]


def test_a_failure_is_told_by_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        ran([EARLIER, UNREADABLE])
    said = {p["name"]: p for p in json.loads(capsys.readouterr().out)["platforms"]}
    assert said["earlier"]["removed"]
    assert said["unreadable"]["code"] == "IDP-C041"


def test_without_a_terminal_nothing_is_removed_unasked() -> None:
    with pytest.raises(IdpError) as raised:
        ran([EARLIER], yes=False)
    assert raised.value.code == "IDP-A012"
    assert raised.value.exit_code == WRONG_USE
    assert "`earlier`" in raised.value.what


def test_the_command_looks_at_the_platforms_of_the_account(
    aws: boto3.Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    bucket = foundation(aws).bucket
    for known in (LONG_AGO, platform("for-ever")):
        remember(replace(known, state_bucket=bucket, account=ACCOUNT, region=REGION))
    assert cli.run(["cloud", "reap", "--dry-run"]) == READY
    assert capsys.readouterr().out == (
        "PLATFORM  REGION        ENDED                 STATE\n"
        "long-ago  eu-central-1  2026-01-01T00:00:00Z  to be removed\n"
    )
