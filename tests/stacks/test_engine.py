"""The real Pulumi command with our dynamic resources: what reaches the disk, and what a kill leaves."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bootstrap import paths, shell
from bootstrap.errors import IdpError
from stacks import workspace
from tests.stacks import small_stack

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(
        shutil.which("pulumi", path=shell.environment()["PATH"]) is None, reason="pulumi is not installed"
    ),
]

NAME = "statetest"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An instance whose stack holds credentials and nothing else, after two runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IDP_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        paths.instance(NAME).mkdir(parents=True)
        run()
        run()
        yield paths.instance(NAME)


def run(program: Callable[[], None] | None = None) -> dict[str, int]:
    return small_stack.rush(NAME, program)


def values() -> dict[str, str]:
    return small_stack.values(NAME)


def test_the_second_run_changes_nothing(folder: Path) -> None:
    assert run() == {}


def test_no_file_holds_a_secret_in_clear_text(folder: Path) -> None:
    secrets = [v.encode() for k, v in values().items() if not k.endswith(".crt")]
    assert len(secrets) == 4
    for file in (f for f in folder.rglob("*") if f.is_file()):
        content = file.read_bytes()
        assert not any(secret in content for secret in secrets), file
        assert b"PRIVATE KEY" not in content, file


def test_only_the_user_can_read(folder: Path) -> None:
    assert oct((folder / "pulumi" / "passphrase").stat().st_mode)[-3:] == "600"
    for private in ("", "state", "home", "work", "bin"):
        assert oct((folder / "pulumi" / private).stat().st_mode)[-3:] == "700"


def test_the_state_is_where_we_read_it(folder: Path) -> None:
    state = workspace.state(NAME)
    recorded = state.read()
    assert recorded.first("pulumi-python:dynamic/idp:Credentials") is not None
    assert "BEGIN CERTIFICATE" in recorded.outputs["ca"]
    assert state.holders() == []


def test_a_truncated_state_is_restored_and_secrets_survive(folder: Path) -> None:
    before = values()
    state = workspace.state(NAME)
    whole = state.store.read(state.checkpoint)
    assert whole
    state.store.write(state.checkpoint, whole[:200])
    assert state.repair()
    run()
    assert values() == before


def test_a_lock_of_pulumi_names_its_holder(folder: Path) -> None:
    """Looked at from inside a run, which holds the lock."""
    caught: list[IdpError] = []

    def program() -> None:
        try:
            workspace.state(NAME).unlock(patience=0.1)
        except IdpError as error:
            caught.append(error)
        small_stack.declare(NAME)

    run(program)
    assert [error.code for error in caught] == ["IDP-P002"]
    assert re.fullmatch(r"process \d+ of \S+ on \S+ holds it since \S+ \S+ UTC", caught[0].why)


def test_the_certificate_is_renewed_by_a_run_long_after(folder: Path, tmp_path: Path) -> None:
    """Nothing but time has passed: the provider's clock, in its own process, is set a year ahead."""
    before = values()
    (tmp_path / "sitecustomize.py").write_text(
        "from datetime import timedelta\n"
        "from stacks import certificates\n"
        "present = certificates.now\n"
        "certificates.now = lambda: present() + timedelta(days=370)\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        assert run() == {"update": 1}
    after = values()
    renewed = {key for key in before if before[key] != after[key]}
    assert renewed == {"tls.crt", "tls.key"}
