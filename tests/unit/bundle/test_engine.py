"""The whole stage on a real engine with tiny images: build, be warm, continue, export, import."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bootstrap import bundle, shell
from bootstrap.bundle import Source, engine, places, session
from bootstrap.errors import IdpError
from bootstrap.model import Image, Plan
from bootstrap.progress import Event, Progress, silent
from tests.unit.bundle.conftest import write_tree

pytestmark = pytest.mark.engine


@pytest.fixture
def plan(shelf: Path, cache: Path, plan_of: Callable[..., Plan], tmp_path: Path) -> Iterator[Plan]:
    """Two images of one file each, one upon the other's base; a node that is a file, too."""
    mark = uuid.uuid4().hex  # content that no other run has built
    write_tree(
        shelf,
        {
            "images/empty/Dockerfile": f"FROM scratch\nLABEL mark={mark}\nCOPY Dockerfile /base\n",
            "packages/tiny/one/Dockerfile": "FROM idp.local/empty:1\nCOPY one.txt /\n",
            "packages/tiny/one/one.txt": f"one {mark}",
            "packages/tiny/two/Dockerfile": "FROM scratch AS other\nFROM scratch AS out\nCOPY two.txt /\n",
            "packages/tiny/two/two.txt": f"two {mark}",
            "stacks/kind/node/images.yaml": (
                "node: {build: ., target: node, upstream: docker.io/kindest/node:v1}\n"
                "components: {pause: {build: ., target: pause, reference: registry.k8s.io/pause:3.10}}\n"
            ),
            "stacks/kind/node/Dockerfile": (
                "FROM scratch AS node\nCOPY node.txt /\nFROM scratch AS pause\nCOPY node.txt /pause\n"
            ),
            "stacks/kind/node/node.txt": f"node {mark}",
        },
    )
    layout, folder = places.layout(), shelf / "packages" / "tiny"
    yield plan_of(Image("one", "", folder / "one"), Image("two", "quay.io/two:1", folder / "two", "out"))
    keys = {entry.key[:12] for entry in layout.entries()}
    ours = [tag for tag in engine.tags() if tag.rpartition(":")[2] in keys]
    bases = [tag for tag in engine.tags() if tag.startswith("idp.local/empty:1")]
    shell.run([engine.DOCKER, "image", "rm", *ours, *bases], check=False, timeout=60)


def build(plan: Plan, source: Source = Source.PACKAGES) -> tuple[bundle.Lock, list[str]]:  # type: ignore[name-defined]
    """The lock, and the titles of the steps that it took."""
    events: list[Event] = []
    lock = bundle.build(plan, source, Progress(events.append))
    return lock, [e.title for e in events if e.kind == "start"]


def test_built_once_and_then_warm(plan: Plan, shelf: Path) -> None:
    lock, steps = build(plan)
    assert set(steps) == {
        "see what is missing",
        "build empty:1",
        "build one",
        "build two",
        "build node",
        "build pause",
    }
    assert lock.references().keys() == {"one", "two"}
    assert lock.node in engine.tags()
    assert lock == bundle.load(plan)
    places.layout().verify(places.layout().entries())

    began = time.monotonic()
    again, steps = build(plan, Source.AUTO)
    assert time.monotonic() - began < 2
    assert steps == ["see what is missing"]
    assert again == lock

    (shelf / "packages/tiny/two/two.txt").write_text(f"changed {uuid.uuid4().hex}")
    changed, steps = build(plan)
    assert steps == ["see what is missing", "build two"]
    assert changed.image("two").digest != lock.image("two").digest
    assert changed.image("one") == lock.image("one")


def test_the_same_inputs_give_the_same_digest(plan: Plan, cache: Path) -> None:
    lock, _ = build(plan)
    shutil.rmtree(cache)
    tags = [t for t in engine.tags() if any(t.endswith(i.key[:12]) for i in lock.images)]
    shell.run([engine.DOCKER, "image", "rm", *tags], timeout=60)
    assert build(plan)[0] == lock


def test_a_failure_keeps_what_was_done(plan: Plan, shelf: Path) -> None:
    (shelf / "packages/tiny/one/one.txt").unlink()
    with pytest.raises(IdpError) as caught:
        build(plan)
    assert caught.value.code == "IDP-B002"
    assert "one.txt" in caught.value.why
    assert places.log("one").is_file()
    done = {entry.name for entry in places.layout().entries()}
    (shelf / "packages/tiny/one/one.txt").write_text(f"one {uuid.uuid4().hex}")
    _, steps = build(plan)
    assert not {f"build {name}" for name in done} & set(steps)


@pytest.mark.parametrize("name", ["bundle.tar", "bundle.tar.gz", "bundle.tar.zst"])
def test_carried_to_a_machine_without_network(
    name: str, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name.endswith(".zst") and not shutil.which("zstd"):
        pytest.skip("zstd is not installed")
    lock, _ = build(plan)
    file = tmp_path / name
    bundle.export(plan, file, silent())
    assert not list(tmp_path.glob("*.part"))
    shell.run([engine.DOCKER, "image", "rm", lock.node], timeout=60)

    monkeypatch.setenv("IDP_CACHE_DIR", str(tmp_path / "elsewhere"))
    assert bundle.import_(file, silent()) == lock
    again, steps = build(plan, Source.BUNDLE)
    assert steps == ["see what is missing", "load node"]
    assert again == lock
    assert lock.node in engine.tags()


def test_a_damaged_file_is_refused(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(plan)
    two = (plan.images[1].context / "two.txt").read_bytes()
    file = tmp_path / "bundle.tar"
    bundle.export(plan, file, silent())
    content = file.read_bytes()
    monkeypatch.setenv("IDP_CACHE_DIR", str(tmp_path / "elsewhere"))
    damages = {
        "IDP-B003": content.replace(two, two.upper()),
        "IDP-B008": content[: len(content) // 2],
    }
    for code, damaged in damages.items():
        file.write_bytes(damaged)
        with pytest.raises(IdpError) as caught:
            bundle.import_(file, silent())
        assert caught.value.code == code
    with pytest.raises(IdpError) as caught:
        bundle.load(plan)
    assert caught.value.code == "IDP-B007"


def test_what_no_stack_uses_any_more_goes_away_in_the_end(
    plan: Plan, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = build(plan)
    (shelf / "packages/tiny/two/two.txt").write_text(f"changed {uuid.uuid4().hex}")
    second, _ = build(plan)
    old = f"idp.local/two:{first.image('two').key[:12]}"
    assert first.image("two").digest in {e.digest for e in places.layout().entries()}
    assert old in engine.tags()

    monkeypatch.setattr(session, "_KEPT_FOR", 0)
    (shelf / "packages/tiny/one/one.txt").write_text(f"changed {uuid.uuid4().hex}")
    third, _ = build(plan)
    kept = {e.digest for e in places.layout().entries()}
    assert kept == {image.digest for image in third.images}
    assert old not in engine.tags()
    assert third.image("two") == second.image("two")
