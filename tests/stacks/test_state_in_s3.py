"""The real Pulumi command with its state in S3 and its key in KMS, both played by moto over real HTTP.

Each data folder plays a machine: the account's bucket is all that they share.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from bootstrap import cli, instance, paths, shell
from bootstrap.cloud import foundation, records
from bootstrap.cloud.bucket import Bucket
from bootstrap.errors import IdpError
from bootstrap.instance import Instance
from bootstrap.progress import silent
from stacks import automation, workspace
from tests.aws import ACCOUNT, REGION, environment, serving
from tests.aws import foundation as prepared
from tests.stacks.small_stack import declare, run, values

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(
        shutil.which("pulumi", path=shell.environment()["PATH"]) is None, reason="pulumi is not installed"
    ),
]

NAME = "s3test"
ROOT = Path(__file__).parents[2]
#: Seconds within which a run has its lock, and within which one that lost its program ends; both are
#: limits of patience and not measurements.
PATIENCE = 120

Go = Callable[[str], None]


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Go]:
    """Go to the machine of that name; `one` has brought the stack up in an account of its own."""
    data = tmp_path_factory.mktemp("data")
    with serving() as url, pytest.MonkeyPatch.context() as patch:
        for key, value in environment(url).items():
            patch.setenv(key, value)

        def to(machine: str) -> None:
            patch.setenv("IDP_DATA_DIR", str(data / machine))

        to("one")
        laid = prepared(boto3.Session(region_name=REGION))
        records.remember(
            Instance(
                name=NAME,
                target="cloud",
                stack="reference",
                size="default",
                https_port=443,
                api_port=16443,
                domain="idp.example.org",
                region=REGION,
                account=ACCOUNT,
                state_bucket=laid.bucket,
            )
        )
        assert set(run(NAME)) == {"create"}
        yield to


@pytest.fixture(autouse=True)
def machine(go: Go) -> Go:
    """Every test begins on the machine that made the stack."""
    go("one")
    return go


def bucket() -> Bucket:
    known = instance.get(NAME)
    return Bucket(known.state_bucket, REGION, ACCOUNT)


def elsewhere(machine: Go) -> None:
    """Go to another machine, which knows the platform from the bucket alone."""
    machine("two")
    assert records.adopt(NAME)


def start(*more: str) -> subprocess.Popen[str]:
    """A run in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.stacks.small_stack", NAME, *more],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def start_holding() -> subprocess.Popen[str]:
    """A run that has the lock and made what it declares, and goes on."""
    process, deadline = start("HOLD"), time.monotonic() + PATIENCE
    while not workspace.state(NAME).holders():
        assert process.poll() is None
        assert time.monotonic() < deadline, "it never locked the state"
        time.sleep(0.2)
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Leave nothing of a run, however a test ended."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_the_second_run_changes_nothing() -> None:
    assert run(NAME) == {}


def test_state_and_its_key_are_where_we_look_for_them() -> None:
    recorded = workspace.state(NAME).read()
    assert recorded.first("pulumi-python:dynamic/idp:Credentials") is not None
    assert "BEGIN CERTIFICATE" in recorded.outputs["ca"]
    assert recorded.encryption
    assert recorded.encryption["url"] == f"awskms:///alias/idp-state?region={REGION}"
    assert workspace.state(NAME).holders() == []


def test_nothing_holds_a_secret_in_clear_text() -> None:
    """Neither an object nor an earlier version of one, nor a file of this machine."""
    secrets = [v.encode() for k, v in values(NAME).items() if not k.endswith(".crt")]
    assert len(secrets) == 4
    store = bucket()
    contents = [content for key in store.keys("") for content in store.versions(key)]
    contents += [file.read_bytes() for file in paths.data().rglob("*") if file.is_file()]
    assert len(contents) > 10
    for content in contents:
        assert not any(secret in content for secret in secrets)
        assert b"PRIVATE KEY" not in content
    assert not list(paths.data().rglob("passphrase"))


def test_another_machine_goes_on_where_this_one_stopped(machine: Go) -> None:
    before = values(NAME)
    elsewhere(machine)
    assert run(NAME) == {}
    assert values(NAME) == before
    machine("one")
    assert run(NAME) == {}
    assert values(NAME) == before


def test_a_stack_that_was_made_and_never_ran_is_taken_up_elsewhere(machine: Go) -> None:
    """By the key that was made for it, which its state names before anything is in it."""
    fresh = "s3fresh"
    records.remember(replace(instance.get(NAME), name=fresh))
    workspace.open_stack(fresh)
    assert workspace.state(fresh).read().encryption
    machine("two")
    assert records.adopt(fresh)
    run(fresh)
    made = values(fresh)
    machine("one")
    assert run(fresh) == {}
    assert values(fresh) == made
    automation._destroy(fresh, silent())
    workspace.discard(fresh)
    records.forget(fresh)


@pytest.mark.parametrize("how", [(), ("RUSH",)], ids=["looking first", "faster than a look"])
def test_of_two_runs_at_once_one_succeeds(machine: Go, how: tuple[str, ...]) -> None:
    """The second begins, on another machine, while the program of the first runs under its lock.

    Where it looked for locks before the first had one, Pulumi itself refuses, and says the same.
    """
    said: list[str] = []

    def program() -> None:
        elsewhere(machine)
        said.append(start(*how).communicate(timeout=PATIENCE)[0])
        machine("one")
        declare(NAME)

    assert run(NAME, program) == {}
    what, why, fix = said[0].splitlines()
    assert what.startswith("IDP-P002: ")
    assert re.fullmatch(r"process \d+ of \S+ on \S+ holds it since \S+ \S+ UTC", why)
    assert fix.endswith(f"idp cloud unlock --name {NAME}")


def test_a_run_whose_python_was_killed_is_recovered_from() -> None:
    """Pulumi notices that its program is gone and ends by itself; the next run waits for that."""
    before, process = values(NAME), start_holding()
    try:
        process.kill()
        process.wait(PATIENCE)
        assert run(NAME) == {}
        assert values(NAME) == before
    finally:
        end(process)


def test_a_run_that_was_killed_whole_is_recovered_from(machine: Go) -> None:
    """Its lock stays in the bucket: this machine knows that it is dead, another must be told."""
    before, process = values(NAME), start_holding()
    end(process)
    assert len(workspace.state(NAME).holders()) == 1
    elsewhere(machine)
    with pytest.raises(IdpError, match="IDP-P002"):
        run(NAME)
    machine("one")
    assert run(NAME) == {}
    assert values(NAME) == before


def test_another_machine_recovers_after_unlocking(machine: Go) -> None:
    before, process = values(NAME), start_holding()
    end(process)
    elsewhere(machine)
    assert cli.run(["cloud", "unlock", "--name", NAME, "--yes"]) == 0
    assert run(NAME) == {}
    assert values(NAME) == before


@pytest.mark.parametrize("backup", ["sound", "truncated"])
def test_a_truncated_checkpoint_is_restored_and_secrets_survive(backup: str) -> None:
    """From the step before; where that is damaged, too, from an earlier version that the bucket keeps."""
    before, state = values(NAME), workspace.state(NAME)
    for key in [state.checkpoint, *([state.backup] if backup == "truncated" else [])]:
        content = bucket().read(key)
        assert content
        bucket().write(key, content[:200])
    assert state.read().resources == ()
    run(NAME)
    assert values(NAME) == before


def test_the_history_does_not_grow_without_end() -> None:
    run(NAME)
    workspace.tidy(NAME)
    assert len(bucket().keys(workspace.state(NAME).history)) <= 20


def test_in_the_end_nothing_is_left() -> None:
    with pytest.raises(IdpError, match="IDP-C015") as caught:
        foundation.raze("", silent())
    assert caught.value.faults == [NAME]
    assert set(automation._destroy(NAME, silent())) == {"delete"}
    workspace.discard(NAME)
    records.forget(NAME)
    assert not paths.instance(NAME).exists()
    foundation.raze("", silent())
    assert boto3.client("s3").list_buckets()["Buckets"] == []
