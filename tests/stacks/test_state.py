"""What a killed run leaves behind: locks and half-written checkpoints, in a folder and in a bucket."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from bootstrap.cloud.bucket import Bucket
from bootstrap.errors import IdpError
from stacks import backend
from stacks import state as states
from stacks.state import State, is_pulumi
from stacks.store import Folder, Store
from tests.aws import ACCOUNT, REGION

HERE = socket.gethostname()
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Both kinds of store: the same code must hold for both."""
    return Folder(tmp_path) if request.param == "folder" else request.getfixturevalue("bucket")


@pytest.fixture
def bucket(aws: boto3.Session) -> Bucket:
    """An empty bucket that keeps versions."""
    s3, where = aws.client("s3"), {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="states", CreateBucketConfiguration=where)
    s3.put_bucket_versioning(Bucket="states", VersioningConfiguration={"Status": "Enabled"})
    return Bucket("states", REGION, ACCOUNT)


@pytest.fixture
def state(store: Store) -> State:
    """A run of this machine began at noon and did not end."""
    return State(store, "idp", shared=isinstance(store, Bucket), began=NOON)


def lock(state: State, pid: int, host: str = HERE, since: datetime = NOON + timedelta(minutes=1)) -> str:
    content = {"pid": pid, "username": "me", "hostname": host, "timestamp": since.isoformat()}
    key = f"{state.locks}{pid}.json"
    state.store.write(key, json.dumps(content).encode())
    return key


def test_the_lock_of_a_dead_process_of_this_host_is_removed(state: State) -> None:
    lock(state, 4711)
    state.unlock(alive=lambda pid: False)
    assert state.holders() == []


def test_a_living_holder_is_named(state: State) -> None:
    lock(state, 4711)
    assert state.is_held_by_us()
    with pytest.raises(IdpError) as caught:
        state.unlock(patience=0.1, alive=lambda pid: True)
    assert caught.value.code == "IDP-P002"
    assert caught.value.why == f"process 4711 of me on {HERE} holds it since 2026-11-26 12:01:00 UTC"


def test_a_holder_that_is_just_ending_is_waited_for(state: State) -> None:
    answers = iter([True, True, False])
    lock(state, 4711)
    state.unlock(patience=10, alive=lambda pid: next(answers))
    assert state.holders() == []


def test_a_lock_of_another_host_is_never_removed_but_by_hand(state: State) -> None:
    lock(state, 4711, "elsewhere")
    with pytest.raises(IdpError, match="IDP-P002") as caught:
        state.unlock(alive=lambda pid: False)
    assert caught.value.fix.endswith("idp cloud unlock --name idp")
    assert [holder.host for holder in state.holders()] == ["elsewhere"]
    state.release(state.holders())
    state.unlock(patience=0)


@pytest.mark.parametrize("began", [None, NOON + timedelta(hours=1)], ids=["never", "later"])
def test_a_host_of_the_same_name_is_another_where_no_run_of_ours_was_killed(
    bucket: Bucket, began: datetime | None
) -> None:
    state = State(bucket, "idp", shared=True, began=began)
    lock(state, 4711)
    with pytest.raises(IdpError, match="IDP-P002"):
        state.unlock(alive=lambda pid: False)
    assert len(state.holders()) == 1
    assert not state.is_held_by_us()


def test_the_lock_of_another_stack_is_none_of_ours(state: State) -> None:
    lock(State(state.store, "idp-two"), 4711, "elsewhere")
    state.unlock(patience=0)


def test_an_unfinished_lock_holds_nothing(state: State) -> None:
    state.store.write(f"{state.locks}half.json", b'{"pid": 12')
    state.unlock(alive=lambda pid: True)
    assert state.store.keys(state.locks) == []


def test_a_process_that_is_not_pulumi_is_a_successor_to_the_id() -> None:
    assert not is_pulumi(os.getpid())
    assert not is_pulumi(2**22 + 1)


@pytest.mark.parametrize("left", [False, True], ids=["no lock", "its lock"])
def test_a_failed_run_leaves_a_sign_of_itself_only_with_its_lock(
    left: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulumi can be killed where we are not: memory was short, say."""
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    sign = tmp_path / "instances" / "idp" / "pulumi" / "began"

    def fail() -> None:
        with backend.begun("idp"):
            assert sign.exists()
            if left:
                lock(backend.of("idp").state(), 4711)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert sign.exists() is left
    with backend.begun("idp"):
        pass
    assert not sign.exists()


SAID = """\
error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete \
the lock file with `pulumi cancel`.
  s3://states/.pulumi/locks/organization/idp/team/8f0c.json?region=eu-central-1: created by ann@build-7 \
(pid 42) at 2026-11-26T12:00:00Z
"""


def test_a_lock_that_only_pulumi_met_is_explained_as_well() -> None:
    error = states.locked_in(SAID)
    assert error
    assert error.why == "process 42 of ann on build-7 holds it since 2026-11-26 12:00:00 UTC"
    assert error.fix.endswith("idp cloud unlock --name team")
    assert states.locked_in("error: something else") is None


def checkpoint(*resources: Mapping[str, object]) -> bytes:
    return json.dumps({"version": 3, "checkpoint": {"latest": {"resources": list(resources)}}}).encode()


STACK = {"type": "pulumi:pulumi:Stack", "urn": "s", "outputs": {"ca": "pem"}}


def test_reading(state: State) -> None:
    assert state.read().resources == ()
    before = state.exists
    state.store.write(state.checkpoint, checkpoint(STACK, {"type": "t", "urn": "a", "delete": True}))
    assert (before, state.exists) == (False, True)
    assert state.read().outputs == {"ca": "pem"}
    assert state.read().first("t") is None


def test_a_sound_checkpoint_needs_no_repair(state: State) -> None:
    assert not state.repair()
    state.store.write(state.checkpoint, checkpoint(STACK))
    assert not state.repair()


@pytest.mark.parametrize("damage", [b"", b'{"version": 3, "check', None], ids=["empty", "cut", "missing"])
def test_a_damaged_checkpoint_is_restored_from_its_backup(state: State, damage: bytes | None) -> None:
    state.store.write(state.backup, checkpoint(STACK))
    if damage is not None:
        state.store.write(state.checkpoint, damage)
    assert state.repair()
    assert state.read().outputs == {"ca": "pem"}


def test_without_a_backup_the_way_out_is_named(state: State) -> None:
    state.store.write(state.checkpoint, b"{")
    with pytest.raises(IdpError) as caught:
        state.repair()
    assert caught.value.code == "IDP-P003"
    assert "idp down --name idp" in caught.value.fix


def test_a_bucket_restores_an_earlier_version_where_the_backup_is_damaged_as_well(bucket: Bucket) -> None:
    state = State(bucket, "idp", shared=True)
    for content in (checkpoint(), checkpoint(STACK), b"{"):
        bucket.write(state.checkpoint, content)
    bucket.write(state.backup, b"")
    assert state.repair()
    assert state.read().outputs == {"ca": "pem"}


def test_of_the_history_the_latest_stays(state: State) -> None:
    for number in range(5):
        state.store.write(f"{state.history}idp-{number}.history.json", b"{}")
    state.store.write("other", b"")
    state.tidy(keep=2)
    assert [key.rpartition("-")[2][0] for key in state.store.keys(state.history)] == ["3", "4"]
    state.discard()
    assert state.store.keys("") == ["other"]
