"""The lock: stable text, references, what a store must hold."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from bootstrap.bundle import lock as locks
from bootstrap.bundle.layout import MANIFEST_TYPE, Entry
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.recipes import Recipe, Role
from bootstrap.bundle.sources import Source
from bootstrap.errors import IdpError
from bootstrap.model import UpstreamManifests

ETCD = "registry.k8s.io/etcd:3.6.6-0"
MANIFESTS = [
    UpstreamManifests("m.example/b", "v1", "x", "b" * 64),
    UpstreamManifests("a.example", "v1", "x", "a" * 64),
]


def entry(name: str, source: Source = Source.PACKAGES) -> Entry:
    digest = f"sha256:{name}"
    return Entry(name, f"key-of-{name}-is-long", digest, 10, MANIFEST_TYPE, source, 1000)


def lock(*, node_from: Source = Source.PACKAGES, cluster: bool = True) -> Lock:
    found = [
        (Recipe("node", Role.NODE, "kindest/node:1"), entry("node", node_from)),
        (Recipe("gitea", Role.PLATFORM, "quay.io/gitea:1"), entry("gitea", Source.REGISTRY)),
        (Recipe("argocd", Role.PLATFORM, "quay.io/argocd:1"), entry("argocd")),
        (Recipe("tools", Role.TOOLS), entry("tools")),
    ]
    if cluster:
        found.append((Recipe("etcd", Role.CLUSTER, known_as=ETCD), entry("etcd")))
    return locks.make("reference", "linux/amd64", Source.PACKAGES, found, MANIFESTS)


def test_references_are_by_digest() -> None:
    assert lock().references() == {
        "argocd": "idp.local/argocd@sha256:argocd",
        "gitea": "idp.local/gitea@sha256:gitea",
    }
    assert lock().references("ecr.example/idp")["gitea"] == "ecr.example/idp/gitea@sha256:gitea"


def test_the_store_holds_what_pods_run() -> None:
    assert lock().store == {
        "idp.local/argocd@sha256:argocd": "sha256:argocd",
        "idp.local/gitea@sha256:gitea": "sha256:gitea",
        ETCD: "sha256:etcd",
    }


def test_the_store_depends_on_the_node_only_if_that_brings_images() -> None:
    assert lock().store_node == ""
    assert lock(cluster=False).store_node == "sha256:node"
    assert lock().store_id != lock(cluster=False).store_id


def test_upstream_is_named_only_where_it_was_used() -> None:
    assert lock().image("gitea").upstream == "quay.io/gitea:1"
    assert lock().image("argocd").upstream == ""


def test_the_node_is_named_as_the_engine_knows_it() -> None:
    assert lock().node == "idp.local/node:key-of-node-"


def test_the_text_is_stable_and_comes_back(tmp_path: Path) -> None:
    first = lock()
    file = tmp_path / "locks" / "reference.json"
    locks.write(first, file)
    before = file.stat().st_mtime_ns
    locks.write(lock(), file)
    assert file.stat().st_mtime_ns == before
    assert locks.read(file) == first
    assert first.id == lock().id
    assert [m["module"] for m in json.loads(file.read_text())["manifests"]] == ["a.example", "m.example/b"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 99}', '{"version": 1, "stack": "x"}'])
def test_what_is_not_a_lock_is_refused(text: str) -> None:
    with pytest.raises(IdpError) as caught:
        locks.from_text(text, "file.json")
    assert caught.value.code == "IDP-B008"
    assert "file.json" in caught.value.what


def test_no_lock_is_no_fault(tmp_path: Path) -> None:
    assert locks.read(tmp_path / "none.json") is None


def test_the_id_depends_on_content_not_on_how_it_was_made() -> None:
    first = lock()
    rebuilt = dataclasses.replace(
        first, images=tuple(dataclasses.replace(i, key="new", engine_tag="new") for i in first.images)
    )
    changed = dataclasses.replace(
        first, images=tuple(dataclasses.replace(i, digest="sha256:new") for i in first.images)
    )
    assert rebuilt.id == first.id
    assert changed.id != first.id
    assert dataclasses.replace(first, manifests=()).id != first.id
