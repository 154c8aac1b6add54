"""Official downloads: which are listed for a host, checked by hash, put where a stage would put them."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import httpx
import pytest
import yaml

from bootstrap import paths
from bootstrap.bundle import downloads, net
from bootstrap.bundle.downloads import Download
from bootstrap.errors import IdpError
from tests.unit.bundle.conftest import tar_of

PLAIN = b"#!/bin/sh\n"
ARCHIVE = gzip.compress(tar_of({"tool/tool": b"inner", "README": b"x"}))


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        contents = {"/plain": PLAIN, "/archive.tar.gz": ARCHIVE}
        content = contents.get(request.url.path)
        return httpx.Response(200, content=content) if content else httpx.Response(404)

    monkeypatch.setattr(net, "client", lambda: httpx.Client(transport=httpx.MockTransport(answer)))
    return seen


def download(path: str, content: bytes, member: str = "") -> Download:
    return Download("tool", "stage", f"https://x.example/{path}", hashlib.sha256(content).hexdigest(), member)


@pytest.mark.parametrize(
    ("path", "content", "member", "program"),
    [("plain", PLAIN, "", PLAIN), ("archive.tar.gz", ARCHIVE, "tool/tool", b"inner")],
)
def test_fetched_once(
    path: str, content: bytes, member: str, program: bytes, tmp_path: Path, asked: list[str]
) -> None:
    wanted = download(path, content, member)
    stages = downloads.provide([wanted], tmp_path)
    found = stages["stage"] / "bin-out" / "tool"
    assert found.read_bytes() == program
    assert found.stat().st_mode & 0o111
    assert [p.name for p in stages["stage"].iterdir()] == ["bin-out"]
    assert downloads.provide([wanted], tmp_path) == stages
    assert len(asked) == 1


def test_another_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IdpError) as caught:
        downloads.provide([download("plain", b"other")], tmp_path)
    assert caught.value.code == "IDP-B003"
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_left_to_the_caller(tmp_path: Path) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        downloads.provide([download("none", b"")], tmp_path)


def test_only_known_hashes_for_this_host_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "tools.yaml"
    entry = {"url": "https://x.example/a-{platform}", "platforms": {"linux-amd64": "Linux_x86_64"}}
    hashes = {"linux-amd64": "a" * 64, "linux-arm64": None}
    file.write_text(yaml.safe_dump({"a": {**entry, "sha256": hashes}, "b": {**entry, "sha256": {}}}))
    (found,) = downloads.listed(file, "linux-amd64")
    assert (found.url, found.stage) == ("https://x.example/a-Linux_x86_64", "a")
    assert downloads.listed(file, "linux-arm64") == []
    assert downloads.listed(tmp_path / "none.yaml", "linux-amd64") == []


def test_the_projects_own_list_names_stages_of_its_dockerfile() -> None:
    folder = paths.images() / "tools"
    dockerfile = (folder / "Dockerfile").read_text()
    for system in ("linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"):
        for found in downloads.listed(folder / "tools.yaml", system):
            assert f" AS {found.stage}\n" in dockerfile
