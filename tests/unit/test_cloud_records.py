"""Records that machines share, against moto's S3; each data folder plays a machine."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from bootstrap import cli, instance, paths
from bootstrap.cloud import foundation, records
from bootstrap.cloud.bucket import Bucket
from bootstrap.errors import FAILED, WRONG_USE, IdpError
from bootstrap.instance import Instance
from bootstrap.progress import silent
from stacks import workspace
from tests.aws import ACCOUNT, REGION
from tests.aws import foundation as prepared

BUCKET = f"idp-state-{ACCOUNT}-{REGION}"
TEAM = Instance(
    name="team",
    target="cloud",
    stack="reference",
    size="default",
    https_port=443,
    api_port=16443,
    profile="workshop",
    domain="idp.example.org",
    region=REGION,
    account=ACCOUNT,
    expires="2026-12-01T00:00:00Z",
    state_bucket=BUCKET,
)
ARN = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/team"
OUTPUTS = {"endpoint": "https://api.example.org", "certificateAuthority": {"data": "Q0E="}, "arn": ARN}
RESOURCES = [
    {"type": "pulumi:pulumi:Stack", "urn": "stack", "outputs": {"ca": "PEM of the authority"}},
    {"type": "aws:eks/cluster:Cluster", "urn": "cluster", "outputs": OUTPUTS},
]


@pytest.fixture(autouse=True)
def machine(aws: boto3.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Go to the machine of that name; the test begins on `one`, and the account is prepared."""
    prepared(aws)

    def go(name: str) -> None:
        monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path / name))

    go("one")
    return go


def bucket() -> Bucket:
    return Bucket(BUCKET, REGION, ACCOUNT)


def recorded(resources: list[dict[str, Any]]) -> None:
    """A state of `team`, as Pulumi would have left it."""
    content = {"version": 3, "checkpoint": {"latest": {"resources": resources}}}
    bucket().write(".pulumi/stacks/idp/team.json", json.dumps(content).encode())


def test_one_machine_remembers_and_another_adopts(machine: Callable[[str], None]) -> None:
    records.remember(TEAM)
    machine("two")
    assert instance.find("team") is None
    assert records.adopt("team") == TEAM
    assert instance.get("team") == TEAM
    assert records.adopt("other") is None


def test_what_another_machine_changed_is_adopted(machine: Callable[[str], None]) -> None:
    records.remember(TEAM)
    machine("two")
    records.remember(replace(TEAM, profile="production"))
    machine("one")
    found = records.adopt("team")
    assert found == instance.get("team")
    assert found
    assert found.profile == "production"


def test_forgotten_here_is_forgotten_everywhere(machine: Callable[[str], None]) -> None:
    records.remember(TEAM)
    records.forget("team")
    assert instance.find("team") is None
    machine("two")
    assert records.adopt("team") is None
    assert records.list_all() == []


def test_a_platform_of_this_machine_alone_never_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is AWS asked: a laptop has no credentials."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    local = Instance("local", "local", "reference", "small", 8443, 16443)
    records.remember(local)
    assert records.adopt("local") == local
    records.forget("local")
    assert instance.find("local") is None


def test_the_list_tells_when_each_may_go() -> None:
    for known in (TEAM, replace(TEAM, name="a", expires="")):
        records.remember(known)
    assert [(found.name, found.expires) for found in records.list_all()] == [
        ("a", ""),
        ("team", TEAM.expires),
    ]


@pytest.mark.parametrize(
    "content",
    [
        *(b"{", b"[]", b'{"name": "team"}'),
        json.dumps({**asdict(TEAM), "of_tomorrow": 1}).encode(),
        json.dumps({**asdict(TEAM), "name": "../elsewhere"}).encode(),
    ],
    ids=["cut", "list", "incomplete", "newer", "of another"],
)
def test_a_record_that_cannot_be_read_is_named(content: bytes) -> None:
    records.remember(replace(TEAM, name="sound"))
    bucket().write("idp/instances/team.json", content)
    for deed in (lambda: records.adopt("team"), records.list_all):
        with pytest.raises(IdpError, match="IDP-C016") as caught:
            deed()
        assert caught.value.faults[0].startswith(f"s3://{BUCKET}/idp/instances/team.json: ")


def test_connecting_makes_the_way_to_the_cluster(
    machine: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    records.remember(TEAM)
    recorded(RESOURCES)
    machine("two")
    assert cli.run(["cloud", "connect", "--name", "team", "--progress", "plain", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["domain"] == TEAM.domain
    file = paths.kubeconfig("team")
    access = yaml.safe_load(file.read_text())
    assert access["clusters"][0]["cluster"]["server"] == OUTPUTS["endpoint"]
    assert access["users"][0]["user"]["exec"]["args"][-2:] == ["team", REGION]
    assert paths.ca_certificate("team").read_text() == "PEM of the authority"
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert cli.run(["open", "gitea", "--print", "--name", "team"]) == 0
    assert capsys.readouterr().out == "https://gitea.idp.example.org\n"


def test_a_damaged_record_of_this_machine_is_fetched_again() -> None:
    records.remember(TEAM)
    recorded(RESOURCES)
    (paths.instance("team") / "instance.json").write_text("{")
    work = paths.instance("team") / "pulumi" / "work"
    work.mkdir(parents=True)
    (work / "Pulumi.yaml").write_text(f"backend:\n  url: s3://{BUCKET}?region={REGION}\n")
    with pytest.raises(IdpError, match="IDP-C018") as caught:
        workspace.state("team")
    assert caught.value.fix == "idp cloud connect --name team"
    assert cli.run(["cloud", "connect", "--name", "team", "--progress", "plain"]) == 0
    assert instance.get("team") == TEAM


@pytest.mark.parametrize("state", [None, [], RESOURCES[:1]], ids=["none", "empty", "no cluster"])
def test_there_is_nothing_to_connect_to_yet(
    state: list[dict[str, Any]] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    records.remember(TEAM)
    if state is not None:
        recorded(state)
    assert cli.run(["cloud", "connect", "--name", "team", "--progress", "plain"]) == FAILED
    said = capsys.readouterr().err
    assert "Error IDP-C017" in said
    assert "idp up --cloud --name team" in said


@pytest.mark.parametrize("command", ["connect", "unlock"])
def test_an_unknown_platform_is_told_apart_from_known_ones(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    records.remember(TEAM)
    assert cli.run(["cloud", command, "--name", "tema"]) == FAILED
    said = capsys.readouterr().err
    assert "Error IDP-C017" in said
    assert "known platforms: team" in said


def test_unlocking_shows_the_holder_and_asks(
    machine: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    records.remember(TEAM)
    lock = {"pid": 42, "username": "ann", "hostname": "build-7", "timestamp": "2026-11-26T12:00:00+01:00"}
    bucket().write(".pulumi/locks/organization/idp/team/1.json", json.dumps(lock).encode())
    machine("two")
    asked = ["cloud", "unlock", "--name", "team"]
    assert cli.run(asked) == WRONG_USE
    said = capsys.readouterr()
    assert "2026-11-26 11:00:00 UTC" in said.out
    assert "Error IDP-A012" in said.err
    assert len(workspace.state("team").holders()) == 1
    assert cli.run([*asked, "--yes", "-o", "json"]) == 0
    expected = {"user": "ann", "host": "build-7", "pid": 42, "since": "2026-11-26T11:00:00+00:00"}
    assert json.loads(capsys.readouterr().out) == [expected]
    assert workspace.state("team").holders() == []
    assert cli.run(asked) == 0
    assert capsys.readouterr().out == "Nobody holds `team`.\n"


def test_what_is_left_of_a_destroyed_stack_is_removed_and_nothing_else() -> None:
    records.remember(TEAM)
    recorded(RESOURCES)
    with pytest.raises(IdpError, match="IDP-C019"):
        workspace.discard("team")
    assert workspace.state("team").exists
    recorded(RESOURCES[:1])
    bucket().write(".pulumi/history/idp/team/team-1.history.json", b"{}")
    workspace.discard("team")
    assert bucket().keys(".pulumi/") == []
    workspace.discard("team")
    records.forget("team")
    foundation.raze("", silent())


def test_a_lock_of_this_host_alone_is_not_enough() -> None:
    """Hosts of one name share the bucket: only a run of this machine that never ended can have left it."""
    records.remember(TEAM)
    lock = {"pid": 2**22 + 1, "username": "me", "hostname": socket.gethostname()}
    content = json.dumps({**lock, "timestamp": "2099-01-01T00:00:00Z"}).encode()
    bucket().write(".pulumi/locks/organization/idp/team/1.json", content)
    with pytest.raises(IdpError, match="IDP-P002"):
        workspace.state("team").unlock(patience=0)
