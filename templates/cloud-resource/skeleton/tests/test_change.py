"""From a plan to its approval: what was seen is what is done, and nothing is done unseen."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import approve
import credentials
import run
import settings
from conftest import FakeCluster
from run import Plan
from settings import Settings


def event(do: str, name: str, inputs: Any = None, diffs: Any = None) -> Any:
    new = SimpleNamespace(inputs=inputs or {})
    about = SimpleNamespace(op=do, type="a:b:C", urn=f"urn::{name}", new=new, diffs=diffs)
    return SimpleNamespace(resource_pre_event=SimpleNamespace(metadata=about))


class FakeStack:
    """Would do what it is told, and remembers whether it did."""

    def __init__(self, *events: Any) -> None:
        self.events, self.done = events, False

    def preview(self, on_event: Any, **_: Any) -> None:
        for happened in self.events:
            on_event(happened)

    def up(self, **_: Any) -> None:
        self.done = True


def heard(*events: Any) -> Plan:
    return run.plan_of(FakeStack(*events))


def test_the_same_plan_has_the_same_fingerprint_whatever_the_order() -> None:
    first, second = event("create", "a", {"size": 1}), event("create", "b")
    assert heard(first, second).fingerprint == heard(second, first).fingerprint
    assert heard(first).fingerprint != heard(first, second).fingerprint
    assert heard(event("create", "a", {"size": 2})).fingerprint != heard(first).fingerprint
    assert heard(event("delete", "a", {"size": 1})).fingerprint != heard(first).fingerprint


def test_nothing_to_do_is_nothing_to_approve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = heard(event("same", "a"), event("read", "b"))
    assert plan.fingerprint == run.NOTHING
    run.tell(plan, tmp_path)
    assert (tmp_path / "fingerprint").read_text() == run.NOTHING
    assert "Nothing is to be approved" in capsys.readouterr().out


def test_a_preview_tells_what_and_how_to_approve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = FakeStack(event("update", "a", diffs=["size"]))
    monkeypatch.setattr(run, "open_stack", lambda *_: stack)
    assert run.main(["preview", "--outputs", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "update   a:b:C a (size)" in said
    assert f'approved = "{(tmp_path / "fingerprint").read_text()}"' in said
    assert not stack.done


def test_only_what_was_approved_is_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stack = FakeStack(event("create", "a"))
    monkeypatch.setattr(run, "open_stack", lambda *_: stack)
    assert run.main(["apply", "--approved", "something else"]) == run.STALE
    assert not stack.done
    assert run.main(["apply", "--approved", heard(event("create", "a")).fingerprint]) == 0
    assert stack.done


@pytest.fixture
def waiting(cluster: FakeCluster, chosen: Settings) -> FakeCluster:
    """Two runs: one that waits, one that is over."""

    def a_run(name: str, phase: str, fingerprint: str) -> dict[str, Any]:
        node = {
            "id": f"{name}-1",
            "type": "Suspend",
            "phase": phase,
            "inputs": {"parameters": [{"name": "fingerprint", "value": fingerprint}]},
        }
        return {"metadata": {"name": name}, "status": {"nodes": {node["id"]: node, "x": {"type": "Pod"}}}}

    runs = [a_run("old", "Succeeded", "aaa"), a_run("new", "Running", "bbb"), {"metadata": {"name": "fresh"}}]
    cluster.objects[approve._runs(chosen.namespace)] = {"items": runs}
    return cluster


def test_an_approval_lets_the_run_with_that_plan_go_on(
    waiting: FakeCluster, chosen: Settings, tmp_path: Path
) -> None:
    (tmp_path / "approval.toml").write_text('approved = "bbb"')
    assert approve.main([str(tmp_path / "approval.toml")], waiting) == 0
    ((_, path, change),) = waiting.asked
    assert path == f"{approve._runs(chosen.namespace)}/new"
    assert change["status"]["nodes"]["new-1"]["phase"] == "Succeeded"


def test_an_approval_of_another_plan_changes_nothing(
    waiting: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(approve, "_PATIENCE_SECONDS", 0)
    monkeypatch.setattr(approve, "_PAUSE_SECONDS", 0)
    (tmp_path / "approval.toml").write_text('approved = "aaa"')
    assert approve.main([str(tmp_path / "approval.toml")], waiting) == approve.NOT_WAITING
    assert waiting.asked == []
    assert "no run waits for the approval of aaa" in capsys.readouterr().err


def test_no_approval_is_no_fault(waiting: FakeCluster, tmp_path: Path) -> None:
    (tmp_path / "approval.toml").write_text('approved = ""')
    assert approve.main([str(tmp_path / "approval.toml")], waiting) == 0
    assert waiting.asked == []


def test_a_newer_run_ends_those_that_still_wait(waiting: FakeCluster, chosen: Settings) -> None:
    assert approve.main(["--supersede", "new"], waiting) == 0
    assert waiting.asked == []
    assert approve.main(["--supersede", "fresh"], waiting) == 0
    assert waiting.asked == [
        ("merge", f"{approve._runs(chosen.namespace)}/new", {"spec": {"shutdown": "Terminate"}})
    ]


def test_passwords_are_made_once_and_are_long(cluster: FakeCluster, chosen: Settings) -> None:
    local = replace(chosen, place="local", kind="database")
    assert credentials.ensure(local, cluster) == [f"{chosen.name}-state", chosen.name]
    (secret,) = [body for _, _, body in cluster.asked if body["metadata"]["name"] == chosen.name]
    values = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
    assert values["host"] == f"{chosen.name}.{chosen.namespace}.svc"
    assert len(values["password"]) >= 40
    assert credentials.ensure(local, cluster) == []


def test_a_bucket_has_the_keys_that_clients_know(chosen: Settings) -> None:
    keys = credentials.wanted(replace(chosen, place="local", kind="bucket"))[chosen.name].keys()
    assert keys == {"endpoint", "region", "bucket", "access_key", "secret_key"}


def test_for_aws_only_the_state_has_a_key_here(chosen: Settings) -> None:
    assert credentials.wanted(replace(chosen, place="aws", kind="database")).keys() == {f"{chosen.name}-state"}


def test_every_module_is_deployed() -> None:
    folder = Path(settings.__file__).parent
    listed = (folder / "kustomization.yaml").read_text()
    for file in folder.glob("*.py"):
        assert f"- {file.name}\n" in listed, f"list {file.name} in src/kustomization.yaml"
