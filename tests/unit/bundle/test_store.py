"""The containerd store, made for real by the node image of a bundle that is here."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bootstrap import paths
from bootstrap.bundle import containerd, engine, places, store
from bootstrap.bundle import lock as locks
from bootstrap.bundle.engine import Engine
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.lock import Lock, LockedImage
from bootstrap.bundle.recipes import Role
from bootstrap.bundle.sources import Source
from bootstrap.bundle.store import Strategy
from bootstrap.errors import IdpError
from bootstrap.progress import Event, Progress, silent
from tests.unit.bundle.conftest import tar_of

ENGINES: dict[str, tuple[dict[str, object], str]] = {
    "an ordinary engine": ({"OperatingSystem": "Debian"}, ""),
    "a virtual machine": ({"OperatingSystem": "Docker Desktop"}, "virtual machine"),
    "without root": ({"SecurityOptions": ["name=rootless"]}, "rootless"),
}


@pytest.mark.parametrize("name", ENGINES)
def test_obstacles(name: str) -> None:
    info, why = ENGINES[name]
    found = store.obstacle(engine.of_info({"ServerVersion": "26", "Architecture": "x86_64", **info}))
    assert (why in found) if why else not found


@pytest.mark.parametrize(
    ("architecture", "platform"),
    [("x86_64", "linux/amd64"), ("aarch64", "linux/arm64"), ("riscv64", "linux/riscv64")],
)
def test_platforms(architecture: str, platform: str) -> None:
    assert engine.of_info({"ServerVersion": "26", "Architecture": architecture}).platform == platform


@pytest.fixture
def node() -> LockedImage:
    """The node image of a bundle in this user's own cache, if the engine still has it."""
    found = [locks.read(file) for file in places.locks().glob("*.json")]
    usable = [i for lock in found if lock for i in lock.images if i.role is Role.NODE and not lock.store_node]
    tags = engine.tags() if usable else set()
    image = next((i for i in usable if i.engine_tag in tags), None)
    return image or pytest.skip("no bundle with a node image is here")


def image(layout: Layout, name: str, text: str) -> LockedImage:
    layer = layout.write([tar_of({name: text.encode()})])
    rootfs = {"type": "layers", "diff_ids": [layer.digest]}
    platform = engine.find().platform.partition("/")[2]
    config = layout.write_json({"os": "linux", "architecture": platform, "rootfs": rootfs, "config": {}})
    manifest = layout.add_manifest(config, [layer])
    return LockedImage(name, Role.PLATFORM, manifest.digest, f"key-{text}", 1)


def lock_of(*images: LockedImage) -> Lock:
    return Lock("tiny", engine.find().platform, Source.PACKAGES, images)


def known(folder: Path, node: LockedImage) -> set[str]:
    name = "idp-store-test"
    with containerd.container(node.engine_tag, name, folder), containerd.running(name):
        return containerd.known(name)


@pytest.mark.engine
def test_a_store_is_made_once_and_grows_by_the_difference(node: LockedImage, cache: Path) -> None:
    layout = places.layout().create()
    one, two, three = (image(layout, name, name) for name in ("one", "two", "three"))
    component = dataclasses.replace(
        image(layout, "pause", "p"), role=Role.CLUSTER, known_as="registry.k8s.io/pause:3"
    )
    try:
        first = lock_of(one, two, component, node)
        serving = store.prepare(first, silent())
        assert (serving.strategy, serving.node_image) == (Strategy.MOUNT, node.engine_tag)
        assert serving.folder
        assert known(serving.folder, node) == set(first.store)

        events: list[Event] = []
        assert store.prepare(first, Progress(events.append)) == serving
        assert events == []

        second = lock_of(two, three, component, node)
        grown = store.prepare(second, Progress(events.append))
        assert grown.folder
        assert grown.folder != serving.folder
        assert "1 new, 2 from an earlier bundle" in [e.text for e in events]
        assert known(grown.folder, node) == set(second.store)
        assert shared_files(serving.folder, grown.folder)
    finally:
        for folder in places.stores().glob("*"):
            store._remove(folder, node.engine_tag)
    assert not list(places.stores().glob("*"))


def shared_files(one: Path, other: Path) -> bool:
    """Do the stores share contents and unpacked layers on disk, but not the databases?"""
    by_name = {path.relative_to(one): path.stat().st_ino for path in one.rglob("*") if path.is_file()}
    same = {n for n, inode in by_name.items() if (other / n).is_file() and (other / n).stat().st_ino == inode}
    databases = {name for name in by_name if name.suffix == ".db"}
    return any("blobs" in str(name) for name in same) and bool(databases) and not databases & same


@pytest.mark.engine
def test_an_image_that_containerd_refuses_is_told(node: LockedImage, cache: Path) -> None:
    layout = places.layout().create()
    broken = image(layout, "broken", "broken")
    _, layer = layout.parts(broken.digest)
    layout.path(layer.digest).write_bytes(b"x" * layer.size)
    try:
        with pytest.raises(IdpError) as caught:
            store.prepare(
                lock_of(
                    broken, dataclasses.replace(broken, role=Role.CLUSTER, known_as="x.example/b:1"), node
                ),
                silent(),
            )
        assert caught.value.code == "IDP-B011"
    finally:
        for folder in places.stores().glob("*"):
            store._remove(folder, node.engine_tag)


def test_a_small_engine_builds_one_at_a_time() -> None:
    from bootstrap.bundle.provide import workers

    assert (workers(4), workers(6), workers(0)) == (1, 2, 1)
    assert Engine("26", "linux/amd64", False, False).memory_gib == 0
    assert paths.cache()
