"""What a killed run leaves behind: locks and half-written checkpoints."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from bootstrap.errors import IdpError
from stacks.state import State, is_pulumi

HERE = socket.gethostname()


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path, "idp")
    state.checkpoint.parent.mkdir(parents=True)
    state.locks.mkdir(parents=True)
    return state


def lock(state: State, pid: int, host: str = HERE) -> Path:
    file = state.locks / f"{pid}.json"
    file.write_text(json.dumps({"pid": pid, "username": "me", "hostname": host, "timestamp": "now"}))
    return file


def test_the_lock_of_a_dead_process_of_this_host_is_removed(state: State) -> None:
    file = lock(state, 4711)
    state.unlock(alive=lambda pid: False)
    assert not file.exists()


def test_a_living_holder_is_named(state: State) -> None:
    lock(state, 4711)
    with pytest.raises(IdpError) as caught:
        state.unlock(patience=0.1, alive=lambda pid: True)
    assert caught.value.code == "IDP-P002"
    assert caught.value.why == f"process 4711 of me on {HERE} holds it"


def test_a_holder_that_is_just_ending_is_waited_for(state: State) -> None:
    answers = iter([True, True, False])
    file = lock(state, 4711)
    state.unlock(patience=10, alive=lambda pid: next(answers))
    assert not file.exists()


def test_a_lock_of_another_host_is_never_removed(state: State) -> None:
    file = lock(state, 4711, "elsewhere")
    with pytest.raises(IdpError, match="IDP-P002"):
        state.unlock(alive=lambda pid: False)
    assert file.exists()


def test_an_unfinished_lock_holds_nothing(state: State) -> None:
    (state.locks / "half.json").write_text('{"pid": 12')
    state.unlock(alive=lambda pid: True)


def test_a_process_that_is_not_pulumi_is_a_successor_to_the_id() -> None:
    assert not is_pulumi(os.getpid())
    assert not is_pulumi(2**22 + 1)


def checkpoint(*resources: Mapping[str, object]) -> str:
    return json.dumps({"version": 3, "checkpoint": {"latest": {"resources": list(resources)}}})


STACK = {"type": "pulumi:pulumi:Stack", "urn": "s", "outputs": {"ca": "pem"}}


def test_reading(state: State) -> None:
    assert state.read().resources == ()
    state.checkpoint.write_text(checkpoint(STACK, {"type": "t", "urn": "a", "delete": True}))
    assert state.read().outputs == {"ca": "pem"}
    assert state.read().first("t") is None


def test_a_sound_checkpoint_needs_no_repair(state: State) -> None:
    assert not state.repair()
    state.checkpoint.write_text(checkpoint(STACK))
    assert not state.repair()


@pytest.mark.parametrize("damage", ["", '{"version": 3, "check', None], ids=["empty", "cut", "missing"])
def test_a_damaged_checkpoint_is_restored_from_its_backup(state: State, damage: str | None) -> None:
    state.backup.write_text(checkpoint(STACK))
    if damage is not None:
        state.checkpoint.write_text(damage)
    assert state.repair()
    assert state.read().outputs == {"ca": "pem"}


def test_without_a_backup_the_way_out_is_named(state: State) -> None:
    state.checkpoint.write_text("{")
    with pytest.raises(IdpError) as caught:
        state.repair()
    assert caught.value.code == "IDP-P003"
    assert "idp down --name idp" in caught.value.fix
