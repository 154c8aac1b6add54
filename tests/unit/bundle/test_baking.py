"""The bake file, and what is told when a build fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bootstrap.bundle import baking
from bootstrap.bundle.baking import Host
from bootstrap.bundle.recipes import Kitchen, Recipe, Role
from tests.unit.bundle.conftest import write_tree

HOST = Host(
    Path("/ca.pem"), {"npmrc": "//r/:_authToken=hush"}, {"HTTPS_PROXY": "http://user:hush@127.0.0.1:3128"}
)


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    write_tree(
        tmp_path,
        {
            "images/debian/rootfs.sh": "",
            "gitea/Dockerfile": "FROM idp.local/debian:13\nFROM scratch AS out\n",
        },
    )
    return Kitchen([Recipe("gitea", Role.PLATFORM, "", tmp_path / "gitea", "out")], tmp_path / "images")


def test_a_target_per_dockerfile(kitchen: Kitchen) -> None:
    keys = {"gitea": "a" * 64, "debian:13": "b" * 64}
    target = baking.bake_file(kitchen, keys, HOST)["target"]["gitea"]
    assert target["tags"] == ["idp.local/gitea:aaaaaaaaaaaa"]
    assert target["target"] == "out"
    assert target["contexts"] == {"idp.local/debian:13": "docker-image://idp.local/debian:13-bbbbbbbbbbbb"}
    assert target["secret"] == ["id=ca,src=/ca.pem", "id=npmrc,env=IDP_SECRET_NPMRC"]
    assert target["args"]["HTTPS_PROXY"] == "${HTTPS_PROXY}"


def test_no_secret_is_written_down(kitchen: Kitchen, tmp_path: Path) -> None:
    file = tmp_path / "bake.json"
    baking.write(baking.bake_file(kitchen, {"gitea": "a", "debian:13": "b"}, HOST), file)
    assert "hush" not in file.read_text()
    assert HOST.environment == {
        "HTTPS_PROXY": "http://user:hush@127.0.0.1:3128",
        "IDP_SECRET_NPMRC": "//r/:_authToken=hush",
    }
    assert json.loads(file.read_text())["variable"] == {"HTTPS_PROXY": {"default": ""}}


def test_a_failed_build_names_step_tail_and_log(tmp_path: Path) -> None:
    log = tmp_path / "gitea.log"
    log.write_text(
        "#5 [build 2/3] RUN make\n#5 ERROR\n------\n > [build 2/3] RUN make:\n0.2 no rule\n------\n"
    )
    error = baking.failure(Recipe("gitea", Role.PLATFORM), log, 1)
    assert error.code == "IDP-B002"
    assert error.what == "building the image `gitea` failed at the step [build 2/3] RUN make"
    assert "0.2 no rule" in error.why
    assert str(log) in error.why


def test_a_full_disk_is_told_apart(tmp_path: Path) -> None:
    log = tmp_path / "gitea.log"
    log.write_text("write /x: no space left on device\n")
    assert baking.failure(Recipe("gitea", Role.PLATFORM), log, 1).code == "IDP-B004"
