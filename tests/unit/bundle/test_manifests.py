"""Upstream manifests: selection from a module's zip, hash, cache; a module proxy that plays the real one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import IO

import pytest

from bootstrap.bundle import goproxy, manifests
from bootstrap.errors import IdpError
from bootstrap.model import Package, UpstreamManifests

FILES = {
    "config/a.yaml": "a: 1\n",
    "config/b.yml": "b: 1\n",
    "config/notes.md": "no\n",
    "config/deep/c.yaml": "c: 1\n",
    "other.yaml": "o: 1\n",
}


def module_zip() -> IO[bytes]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(f"example.com/M@v1.2.3/{name}", text)
    buffer.seek(0)
    return buffer


def wanted(path: str = "config", include: tuple[str, ...] = (), sha256: str = "") -> UpstreamManifests:
    return UpstreamManifests("example.com/M", "v1.2.3", path, sha256, include)


@pytest.mark.parametrize(
    ("path", "include", "names"),
    [
        ("config", (), ["a.yaml", "b.yml"]),
        ("config/", ("*.yaml",), ["a.yaml", "deep-c.yaml"]),
        ("config", ("deep/*",), ["deep-c.yaml"]),
        ("other.yaml", (), ["other.yaml"]),
    ],
)
def test_select(path: str, include: tuple[str, ...], names: list[str]) -> None:
    assert sorted(manifests.select(module_zip(), wanted(path, include))) == names


def test_nothing_selected_is_a_fault() -> None:
    with pytest.raises(IdpError) as caught:
        manifests.select(module_zip(), wanted("config", ("*.json",)))
    assert caught.value.code == "IDP-B010"


def test_fetched_once_and_loaded_by_package(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = manifests.content_hash({"a.yaml": b"a: 1\n", "b.yml": b"b: 1\n"})
    need = wanted(sha256=sha256)
    monkeypatch.setattr(goproxy, "configured", lambda ask: ["https://proxy.example"])
    monkeypatch.setattr(goproxy, "fetch", lambda *a: module_zip())
    package = Package("p", cache, "p", "", "1", upstream_manifests=(need,))
    with pytest.raises(IdpError) as caught:
        manifests.load(package)
    assert caught.value.code == "IDP-B007"
    assert manifests.missing([need, need]) == [need]
    manifests.provide(need)
    assert manifests.missing([need]) == []
    assert manifests.load(package) == {"a.yaml": "a: 1\n", "b.yml": "b: 1\n"}


def test_another_content_is_refused_with_its_hash(cache: Path) -> None:
    files = {"a.yaml": b"changed"}
    with pytest.raises(IdpError) as caught:
        manifests.store(files, wanted(sha256="0" * 64))
    assert caught.value.code == "IDP-B010"
    assert manifests.content_hash(files) in caught.value.fix
    assert manifests.missing([wanted(sha256="0" * 64)])
