"""One build of a bundle from beginning to end: look, choose a source, do what is left, lock."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from bootstrap import paths
from bootstrap.bundle import archive, engine, hostconfig, manifests, places, tools
from bootstrap.bundle import lock as locks
from bootstrap.bundle.baking import Host
from bootstrap.bundle.engine import Engine
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.outlook import Outlook, choose, registry_mirror, summary
from bootstrap.bundle.provide import Workshop, workers
from bootstrap.bundle.references import OURS
from bootstrap.bundle.sources import Source
from bootstrap.bundle.work import tag_of
from bootstrap.model import Plan, UpstreamManifests
from bootstrap.progress import Reporter

#: Images that no stack uses any more stay this long, in seconds: two weeks.
_KEPT_FOR = 14 * 24 * 3600.0


def build(plan: Plan, source: Source, reporter: Reporter) -> Lock:
    """See `bootstrap.bundle.build`."""
    found = engine.find()
    with places.held("bundle", reporter):
        layout = places.layout().create()
        with reporter.step("see what is missing") as step:
            outlook = choose(plan, source, layout, found.platform, step)
            step.note(summary(outlook))
        _workshop(outlook, layout, found).carry_out(outlook.tasks, reporter)
        _fetch_manifests(plan, reporter)
        lock = _lock(plan, outlook, layout, found.platform)
        _unpack_tools(lock, layout, reporter)
        if outlook.tasks:
            _tidy(layout)
    return lock


def load(plan: Plan) -> Lock:
    """See `bootstrap.bundle.load`."""
    return locks.load(places.lock(plan.stack), plan.stack)


def export(plan: Plan, file: Path, reporter: Reporter) -> None:
    """See `bootstrap.bundle.export`."""
    lock = load(plan)
    with places.held("bundle", reporter), reporter.step(f"write {file}") as step:
        archive.write(file, lock, places.layout(), places.manifests())
        step.note(f"{file.stat().st_size / 1e6:.0f} MB")


def import_(file: Path, reporter: Reporter) -> Lock:
    """See `bootstrap.bundle.import_`."""
    with places.held("bundle", reporter), reporter.step(f"read {file}") as step:
        layout = places.layout().create()
        lock = archive.read(file, layout, places.manifests())
        locks.write(lock, places.lock(lock.stack))
        step.note(f"{len(lock.images)} images of the stack `{lock.stack}`")
        _unpack_tools(lock, layout, step)
    return lock


def _workshop(outlook: Outlook, layout: Layout, found: Engine) -> Workshop:
    home = Path.home()
    host = Host(hostconfig.ca_bundle(), hostconfig.secrets(home), hostconfig.proxies())
    return Workshop(
        outlook.kitchen,
        outlook.keys,
        outlook.source,
        found.platform,
        layout,
        host,
        registry_mirror(),
        workers(found.memory_gib),
    )


def _fetch_manifests(plan: Plan, reporter: Reporter) -> None:
    for wanted in manifests.missing(_upstream_manifests(plan)):
        with reporter.step(f"fetch manifests of {wanted.module}") as step:
            manifests.provide(wanted, _ask_golang)
            step.note(wanted.version)


def _upstream_manifests(plan: Plan) -> list[UpstreamManifests]:
    return [wanted for package in plan.packages for wanted in package.upstream_manifests]


def _ask_golang() -> str:
    """Go's own default, asked of the toolchain image where the host has no go command."""
    image = next((tag for tag in sorted(engine.tags()) if tag.startswith(f"{OURS}/golang:")), "")
    return engine.run_once(image, "go", "env", "GOPROXY") if image else ""


def _lock(plan: Plan, outlook: Outlook, layout: Layout, platform: str) -> Lock:
    if outlook.lock:
        return outlook.lock
    by_key = {entry.key: entry for entry in layout.entries()}
    found = [(recipe, by_key[outlook.keys[recipe.name]]) for recipe in outlook.kitchen.recipes]
    lock = locks.make(plan.stack, platform, outlook.source, found, _upstream_manifests(plan))
    locks.write(lock, places.lock(plan.stack))
    return lock


def _unpack_tools(lock: Lock, layout: Layout, reporter: Reporter) -> None:
    folder = paths.tools().parent
    if lock.tools and not tools.present(lock.tools, folder):
        with reporter.step("unpack the tools"):
            tools.unpack(lock.tools, layout, folder)


def _tidy(layout: Layout) -> None:
    """Drop what no lock names and nothing has made for a while, here and in the engine.

    Until then images of another branch or an undone change come back without being built.
    """
    locked = [locks.read(file) for file in places.locks().glob("*.json")]
    in_use = {image.digest for lock in locked if lock for image in lock.images}
    recent = time.time() - _KEPT_FOR
    complete = [entry.digest for entry in layout.entries() if layout.complete(entry)]
    kept = {d for d in complete if d in in_use or layout.path(d).stat().st_mtime > recent}
    engine.untag([tag_of(e.name, e.key) for e in layout.entries() if e.digest not in kept])
    layout.keep(kept)
    shutil.rmtree(places.scratch(), ignore_errors=True)
