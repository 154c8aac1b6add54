"""Which source is taken, and what is asked of the network on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrap.bundle import engine, net, outlook, places
from bootstrap.bundle import lock as locks
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.sources import Source
from bootstrap.errors import IdpError
from bootstrap.model import Image, Plan
from bootstrap.progress import Event, Progress
from tests.unit.bundle.conftest import add_image, write_tree

PLATFORM = "linux/amd64"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that were asked; none answers, but for those that the test adds to `net.answers`."""
    seen: list[str] = []

    def answers(url: str) -> bool:
        seen.append(url)
        return False

    monkeypatch.setattr(net, "answers", answers)
    monkeypatch.setattr(engine, "tags", lambda: set[str]())
    monkeypatch.setattr(outlook, "_package_registries", lambda: ["https://packages.example"])
    return seen


@pytest.fixture
def plan(shelf: Path, plan_of: Callable[..., Plan]) -> Plan:
    write_tree(shelf, {"packages/tiny/one/Dockerfile": "FROM scratch\n"})
    return plan_of(Image("one", "quay.io/one:1", shelf / "packages" / "tiny" / "one"))


def choose(plan: Plan, source: Source, layout: Layout) -> tuple[outlook.Outlook, str]:
    events: list[Event] = []
    with Progress(events.append).step("look") as step:
        found = outlook.choose(plan, source, layout, PLATFORM, step)
    return found, " ".join(event.text for event in events)


def make(plan: Plan, layout: Layout, source: Source) -> None:
    """Leave things as a complete build from `source` leaves them."""
    found = outlook.of_source(plan, source, layout, PLATFORM)
    entries = [
        (recipe, layout.record(recipe.name, found.keys[recipe.name], add_image(layout, b"x"), source))
        for recipe in found.kitchen.recipes
    ]
    locks.write(locks.make(plan.stack, PLATFORM, source, entries, ()), places.lock(plan.stack))


@pytest.mark.parametrize("source", [Source.REGISTRY, Source.PACKAGES])
def test_a_forced_source_asks_nobody(
    source: Source, plan: Plan, layout: Layout, cache: Path, asked: list[str]
) -> None:
    found, _ = choose(plan, source, layout)
    assert found.source == source
    assert [task.recipe.name for task in found.tasks] == ["one"]
    assert asked == []


@pytest.mark.parametrize("source", [Source.REGISTRY, Source.PACKAGES])
def test_a_complete_bundle_asks_nobody(
    source: Source, plan: Plan, layout: Layout, cache: Path, asked: list[str]
) -> None:
    make(plan, layout, source)
    found, _ = choose(plan, Source.AUTO, layout)
    assert (found.source, found.tasks, asked) == (source, [], [])


def test_what_answers_decides(
    plan: Plan, layout: Layout, cache: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(net, "answers", lambda url: "packages" in url)
    found, said = choose(plan, Source.AUTO, layout)
    assert found.source is Source.PACKAGES
    assert "quay.io does not answer" in said
    monkeypatch.setattr(net, "answers", lambda url: True)
    assert choose(plan, Source.AUTO, layout)[0].source is Source.REGISTRY


def test_a_mirror_is_asked_instead(
    plan: Plan, layout: Layout, cache: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDP_REGISTRY_MIRROR", "127.0.0.1:5000")
    with pytest.raises(IdpError):
        choose(plan, Source.AUTO, layout)
    assert asked == ["http://127.0.0.1:5000/v2/", "https://packages.example"]


def test_without_network_a_changed_package_keeps_its_locked_image(
    plan: Plan, layout: Layout, cache: Path, asked: list[str]
) -> None:
    make(plan, layout, Source.PACKAGES)
    context = plan.images[0].context
    (context / "Dockerfile").write_text("FROM scratch\nLABEL changed=yes\n")
    found, said = choose(plan, Source.AUTO, layout)
    assert (found.source, found.tasks) == (Source.BUNDLE, [])
    assert "using the bundle that is here" in said


def test_without_network_and_bundle_there_is_an_error(
    plan: Plan, layout: Layout, cache: Path, asked: list[str]
) -> None:
    with pytest.raises(IdpError) as caught:
        choose(plan, Source.AUTO, layout)
    assert caught.value.code == "IDP-B001"


def test_a_bundle_that_lacks_an_image_does_not_fit(
    plan: Plan, plan_of: Callable[..., Plan], layout: Layout, cache: Path, asked: list[str]
) -> None:
    make(plan, layout, Source.PACKAGES)
    larger = plan_of(*plan.images, Image("two", "", plan.images[0].context))
    with pytest.raises(IdpError) as caught:
        choose(larger, Source.BUNDLE, layout)
    assert caught.value.code == "IDP-B013"
    assert caught.value.faults == ["two: not in the bundle"]
