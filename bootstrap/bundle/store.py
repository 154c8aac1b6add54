"""The images of a bundle as a ready containerd store, made once per bundle and cloned per instance.

A node that gets a clone mounted over /var/lib/containerd has all images at once: nothing is pulled and
nothing is copied. Where that does not serve, or for a node that runs already, images are imported into it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bootstrap import shell
from bootstrap.bundle import containerd, engine, places
from bootstrap.bundle.engine import Engine
from bootstrap.bundle.layout import canonical, disk_trouble
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.recipes import Role
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter

_MARK = "store.json"
#: Stores that stay: those in use and one before, to go back to without unpacking anything.
_KEPT = 4

# Contents and unpacked layers never change once they are written; only the databases do.
_CLONE = """
mkdir -p "$2"
cp -al "$1" "$2/"
cd "$1"
find . -name '*.db' | while read -r file; do cp --remove-destination "$file" "$2/containerd/$file"; done
"""
_SEED = f'mkdir -p "$1"; [ ! -d {containerd.STATE} ] || cp -a {containerd.STATE}/. "$1"/'
_REMOVE = 'rm -rf "$1"'


class Strategy(StrEnum):
    """How a new node gets its images."""

    MOUNT = "mount"
    IMPORT = "import-into-node"


@dataclass(frozen=True)
class Serving:
    """The node image to run, and a store to clone and mount over its /var/lib/containerd.

    Without a folder the platform's images are imported once the node runs; `why` says why.
    """

    strategy: Strategy
    node_image: str
    folder: Path | None = None
    why: str = ""


def prepare(lock: Lock, reporter: Reporter) -> Serving:
    """Make the store of this bundle unless it is there. Raises IDP-B011 where containerd refuses an image."""
    if why := obstacle(engine.find()):
        with reporter.step("prepare the images for the node") as step:
            step.note(f"{why}; they are imported into the running node instead, which takes longer")
            return Serving(Strategy.IMPORT, bare_node(lock), why=why)
    final = _folder(lock)
    with places.held("stores", reporter):
        if not _mark(final):
            with reporter.step(f"unpack {len(lock.store)} images for the node") as step:
                step.note(_make(lock, final))
        os.utime(final / _MARK)
        _drop_old(final, lock.node)
    return Serving(Strategy.MOUNT, lock.node, final / "containerd")


def place(lock: Lock) -> Path | None:
    """Where `prepare` puts what a node mounts, made or not; None where folders do not serve."""
    return None if obstacle(engine.find()) else _folder(lock) / "containerd"


def import_into_node(lock: Lock, container: str, reporter: Reporter) -> None:
    """Stream what a running node lacks into its containerd; nothing if it lacks nothing.

    Raises IDP-B011 where containerd refuses an image.
    """
    known = containerd.known(container)
    lacking = {reference: digest for reference, digest in lock.store.items() if reference not in known}
    if lacking:
        with reporter.step(f"import {len(lacking)} images into the node"):
            _send(container, lacking)


def obstacle(found: Engine) -> str:
    """Why folders of this host cannot hold a node's images under this engine; empty if they can."""
    if found.desktop:
        return "the engine runs in a virtual machine, whose shared folders cannot hold a containerd store"
    if found.rootless:
        return "a rootless engine cannot prepare a containerd store"
    return ""


def bare_node(lock: Lock) -> str:
    """A node image that holds what Kubernetes needs to start, and nothing of the platform."""
    components = {lock.reference(image): image.digest for image in lock.images if image.role is Role.CLUSTER}
    if not components:
        return lock.node
    name, _, key = lock.node.rpartition(":")
    content = hashlib.sha256(canonical(components)).hexdigest()
    image = f"{name}:{key}-{content[:12]}"
    if image not in engine.tags():
        with containerd.container(lock.node, f"idp-node-{content[:12]}") as container:
            with containerd.running(container):
                _send(container, components)
            engine.commit(container, lock.node, image)
    return image


def _make(lock: Lock, final: Path) -> str:
    """Build the store beside its place: from the one that shares most images, plus the difference."""
    work = final.with_name(f"{final.name}.new")
    container = f"idp-store-{final.name}"
    containerd.remove(container)  # an interrupted run may have left it, with its hands in the folder
    before = _begin(lock, work)
    with containerd.container(lock.node, container, work / "containerd") as name, containerd.running(name):
        known = containerd.known(name)
        stale = {ref for ref, digest in before.items() if lock.store.get(ref) != digest} & known
        containerd.forget(name, stale)
        lacking = {ref: digest for ref, digest in lock.store.items() if ref not in known - stale}
        if lacking:
            _send(name, lacking)
    _write_mark(work, lock)
    work.rename(final)
    return f"{len(lacking)} new, {len(lock.store) - len(lacking)} from an earlier bundle"


def _begin(lock: Lock, work: Path) -> dict[str, str]:
    """Start with a clone of the nearest store, or with what the node image brings; returns its images."""
    _remove(work, lock.node)
    stores = {folder: mark for folder in _folders() if (mark := _mark(folder))}
    usable = {f: m for f, m in stores.items() if m["node"] == lock.store_node}
    nearest = max(usable, key=lambda f: len(usable[f]["images"].items() & lock.store.items()), default=None)
    if nearest:
        _as_root(_CLONE, [nearest / "containerd", work], lock.node)
        return dict(usable[nearest]["images"])
    (work / "containerd").mkdir(parents=True)
    engine.run_as_root(lock.node, work, _SEED, [str(work / "containerd")])
    return {}


def _send(container: str, images: dict[str, str]) -> None:
    try:
        containerd.send(container, images, places.layout())
    except IdpError as error:
        if "no space left on device" in error.why:
            raise disk_trouble(OSError(errno.ENOSPC, "the disk is full"), places.stores()) from error
        raise IdpError(
            "IDP-B011", "containerd does not take the images", error.why, "run `idp up` again, it continues"
        ) from error


def _drop_old(current: Path, node: str) -> None:
    """Keep the newest stores; clones live on without the store that they were made from."""
    others = sorted(
        (folder for folder in _folders() if folder != current and _mark(folder)),
        key=lambda folder: (folder / _MARK).stat().st_mtime,
        reverse=True,
    )
    for folder in others[_KEPT - 1 :]:
        _remove(folder, node)


def _folder(lock: Lock) -> Path:
    return places.stores() / lock.store_id[:16]


def _folders() -> list[Path]:
    return sorted(f for f in places.stores().glob("*") if f.is_dir() and f.suffix != ".new")


def _mark(folder: Path) -> dict[str, Any]:
    """What a finished store holds; nothing for an unfinished one."""
    file = folder / _MARK
    return dict(json.loads(file.read_text())) if file.is_file() else {}


def _write_mark(folder: Path, lock: Lock) -> None:
    (folder / _MARK).write_text(json.dumps({"node": lock.store_node, "images": lock.store}, indent=1))


def _remove(folder: Path, node: str) -> None:
    if folder.exists():
        _as_root(_REMOVE, [folder], node)
        shutil.rmtree(folder, ignore_errors=True)


def _as_root(script: str, places_: list[Path], node: str) -> None:
    """Run a script on root's files: here if this is root, else by the engine in the node image."""
    arguments = [str(place.absolute()) for place in places_]
    if sys.platform == "linux" and os.geteuid() == 0:
        shell.run(["sh", "-euc", script, "sh", *arguments], timeout=1800)
    else:
        # One mount: hard links cannot cross mounts, not even two of the same file system.
        common = Path(os.path.commonpath([str(Path(a).parent) for a in arguments]))
        engine.run_as_root(node, common, script, arguments)
