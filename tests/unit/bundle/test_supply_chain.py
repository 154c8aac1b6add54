"""The commands `idp bundle push`, `verify` and `sbom`, against a real registry (`distribution`)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrap import cli
from bootstrap.bundle import keys, places
from bootstrap.bundle import lock as locks
from bootstrap.bundle.lock import Lock, LockedImage
from bootstrap.bundle.recipes import Role
from bootstrap.bundle.sources import Source
from tests.registry import Registry, running
from tests.unit.bundle.conftest import add_image, tar_of

pytestmark = pytest.mark.engine

NAMES = ("gitea", "ml-runtime")
_BLOBS = "docker/registry/v2/blobs/sha256"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the registry keeps its files: tests change them behind its back."""
    found = tmp_path_factory.mktemp("registry")
    found.chmod(0o777)
    return found


@pytest.fixture(scope="module")
def registry(folder: Path) -> Iterator[Registry]:
    # As this user: what it writes can be changed here.
    user = f"{os.getuid()}:{os.getgid()}"
    with running(["--volume", f"{folder}:/var/lib/registry", "--user", user], ["/folder.yaml"]) as found:
        yield found


@pytest.fixture
def lock(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lock:
    """A bundle of two tiny images, and a data folder of this test's own."""
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path / "data"))
    layout = places.layout().create()
    images = []
    for name in NAMES:
        metadata = f"Name: {name}-x\nVersion: 1\n".encode()
        # Another layer for each test: the registry outlives them.
        own = tar_of({"usr/lib/x.dist-info/METADATA": metadata, "test": str(tmp_path).encode()})
        digest = add_image(layout, tar_of({"base": b"base"}), own).digest
        entry = layout.record(name, f"key-{name}", layout.stored(digest), "packages")
        images.append(LockedImage(name, Role.PLATFORM, digest, entry.key, entry.content))
    found = Lock("reference", "linux/amd64", Source.PACKAGES, tuple(images))
    locks.write(found, places.lock("reference"))
    return found


def place(registry: Registry, path: str = "team") -> str:
    return f"{registry.address}/{path}"


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = cli.run(["bundle", *arguments, "-o", "json", "--progress", "plain"])
    return code, json.loads(capsys.readouterr().out)


def test_pushed_verified_and_nothing_to_do_the_second_time(
    lock: Lock, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    to = place(registry)
    code, done = ran(capsys, "push", "--to", to)
    assert code == 0
    assert (done["pushed"]["images"], done["pushed"]["new"], done["signatures"]) == (2, 2, 4)
    assert done["references"] == {i.name: f"{to}/{i.name}@{i.digest}" for i in lock.images}

    code, verdicts = ran(capsys, "verify", "--from", to, "--deep")
    assert code == 0
    assert {v["name"]: v["faults"] for v in verdicts} == {name: [] for name in NAMES}
    code, verdicts = ran(capsys, "verify", "--from", to, "--key", str(keys.public_file()))
    assert code == 0

    code, done = ran(capsys, "push", "--to", to)
    assert code == 0
    assert done["pushed"] == {"images": 2, "new": 0, "blobs": 0, "bytes": 0}
    assert done["signatures"] == 0


def test_a_layer_changed_on_the_registrys_disk_is_found(
    lock: Lock, registry: Registry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = place(registry, "changed")
    ran(capsys, "push", "--to", to)
    layer = places.layout().parts(lock.image("gitea").digest)[2].digest
    file = folder / _BLOBS / layer[7:9] / layer[7:] / "data"
    file.write_bytes(b"x" * file.stat().st_size)
    code, verdicts = ran(capsys, "verify", "--from", to, "--deep")
    assert code == 1
    assert {v["name"]: v["faults"] for v in verdicts} == {
        "gitea": [f"a part was changed: {layer}"],
        "ml-runtime": [],
    }


def test_another_signers_key_does_not_do(
    lock: Lock, registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = place(registry, "others")
    ran(capsys, "push", "--to", to)
    theirs = keys.public_file().rename(tmp_path / "theirs.pub")
    keys.private_file().unlink()
    keys.own()
    code, verdicts = ran(capsys, "verify", "--from", to)
    assert code == 1
    assert all("signed by another key" in v["faults"][0] for v in verdicts)
    code, _ = ran(capsys, "verify", "--from", to, "--key", str(theirs))
    assert code == 0


def test_a_bill_that_is_gone_is_named(
    lock: Lock, registry: Registry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = place(registry, "bills")
    ran(capsys, "push", "--to", to)
    digest = lock.image("gitea").digest
    tag = folder / "docker/registry/v2/repositories/bills/gitea/_manifests/tags" / digest.replace(":", "-")
    (tag / "current/link").unlink()
    code, verdicts = ran(capsys, "verify", "--from", to)
    assert code == 1
    faults = {v["name"]: v["faults"] for v in verdicts}
    assert faults == {"gitea": ["it has no bill of materials"], "ml-runtime": []}


def test_what_was_never_pushed_is_all_wrong(
    lock: Lock, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    keys.own()
    code, verdicts = ran(capsys, "verify", "--from", place(registry, "empty"))
    assert code == 1
    assert [v["faults"] for v in verdicts] == [["it is not there"]] * 2


def test_bills_of_materials_are_printed(lock: Lock, capsys: pytest.CaptureFixture[str]) -> None:
    code, bill = ran(capsys, "sbom", "gitea")
    assert code == 0
    assert [each["purl"] for each in bill["components"]] == ["pkg:pypi/gitea-x@1"]
    assert cli.run(["bundle", "sbom", "--progress", "plain"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split() for line in shown[1:]] == [[name, "0", "1", "0", "0"] for name in NAMES]
    assert cli.run(["bundle", "sbom", "nonsense"]) == 2
    assert "IDP-B022" in capsys.readouterr().err
