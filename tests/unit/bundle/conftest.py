"""Small worlds for the bundle: a layout, a shelf of tiny images, a plan that wants them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from bootstrap import paths
from bootstrap.bundle.layout import Blob, Layout
from bootstrap.model import Facts, Image, Package, Plan, Requirements, Target

CASES = Path(__file__).parent / "cases"


def cases(name: str) -> list[pytest.param]:  # type: ignore[valid-type]
    """The cases of a file as parameters, each under its own name."""
    loaded = yaml.safe_load((CASES / f"{name}.yaml").read_text())
    return [pytest.param(case, id=case["case"]) for case in loaded]


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def tar_of(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def add_image(layout: Layout, *layers: bytes) -> Blob:
    """A tiny image of the given layers."""
    config = layout.write_json({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers"}})
    return layout.add_manifest(config, [layout.write([layer]) for layer in layers])


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "layout").create()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own."""
    monkeypatch.setenv("IDP_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders `images`, `stacks` and `packages` of this test's own, in the place of the project's."""
    root = tmp_path / "shelf"
    for name in ("images", "stacks", "packages"):
        (root / name).mkdir(parents=True)
        folder = root / name
        monkeypatch.setattr(paths, name, lambda folder=folder: folder)
    return root


@pytest.fixture
def plan_of(shelf: Path) -> Callable[..., Plan]:
    """Makes a plan of one package with the given images."""

    def make(*images: Image) -> Plan:
        package = Package("tiny", shelf / "packages" / "tiny", "tiny", "Tiny images", "1", images=images)
        facts = Facts("t", "t.localhost", 8443, "g", "s", "idp.local", "d", "o", "small")
        return Plan("tiny", Target("local", "t"), facts, (package,), Requirements(1, 1, 1))

    return make
