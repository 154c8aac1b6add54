"""The policy pack as Pulumi starts it: our launcher, Pulumi's protocol, no engine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from google.protobuf import json_format, struct_pb2
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from bootstrap.errors import IdpError
from stacks import policy, workspace
from stacks.eks.engine import ENGINE
from stacks.policies.rules import DATABASE, PUBLIC_API, RULES
from tests.stacks.eks.fakeaws import UNKNOWN
from tests.stacks.eks.support import TAGS, plan, profile

[PACK] = ENGINE.policies(plan(profile("team")))


@contextmanager
def started(folder: Path, settings: dict[str, str]) -> Iterator[Any]:
    """The pack, started like Pulumi does it: in its own folder, with the engine's address and a dot."""
    runtime = yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text())["runtime"]
    known = workspace.environment("idp")
    program = Path(known["PATH"].split(os.pathsep)[0]) / f"pulumi-analyzer-policy-{runtime}"
    environment = {**os.environ, **known, **settings}
    command = [str(program), "127.0.0.1:1", "."]
    with subprocess.Popen(command, cwd=PACK, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.terminate()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    return tmp_path


def said(analyzer: Any, type_: str, properties: dict[str, Any]) -> dict[str, int]:
    """What each policy says of a resource: its name, and how much that weighs."""
    struct = json_format.ParseDict(properties, struct_pb2.Struct())
    request = analyzer_pb2.AnalyzeRequest(type=type_, properties=struct, urn="urn", name="x")
    return {d.policyName: d.enforcementLevel for d in analyzer.Analyze(request, timeout=60).diagnostics}


def test_the_pack_runs_with_our_interpreter_and_every_rule_is_mandatory(folder: Path) -> None:
    open_to_all = {
        "vpcConfig": {"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]},
        "encryptionConfig": {"resources": ["secrets"], "provider": {"keyArn": UNKNOWN}},
        "enabledClusterLogTypes": ["api", "audit", "authenticator"],
        "tags": TAGS,
    }
    database = {"storageEncrypted": False, "backupRetentionPeriod": UNKNOWN, "tags": TAGS}
    with started(folder, {}) as analyzer:
        info = analyzer.GetAnalyzerInfo(Empty(), timeout=60)
        assert {p.name for p in info.policies} == {rule.name for rule in RULES}
        found = said(analyzer, "aws:eks/cluster:Cluster", open_to_all)
        assert found == {"cluster-api-closed": analyzer_pb2.MANDATORY}
        # What no preview can know is no violation yet; the run itself will tell.
        assert said(analyzer, DATABASE, database) == {
            "database-encrypted": analyzer_pb2.MANDATORY,
            "database-backups": analyzer_pb2.ADVISORY,
        }


def test_what_was_asked_for_reaches_the_pack(folder: Path) -> None:
    cluster = {"vpcConfig": {"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]}}
    with started(folder, {PUBLIC_API: "true"}) as analyzer:
        assert "cluster-api-closed" not in said(analyzer, "aws:eks/cluster:Cluster", cluster)


def test_without_the_sdk_of_policies_nothing_runs_unexamined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert policy.packs({}) == ([], {})
    with pytest.raises(IdpError) as caught:
        policy.packs({PACK: {}})
    assert (caught.value.code, caught.value.fix) == ("IDP-C001", "pip install 'idp[cloud]'")
