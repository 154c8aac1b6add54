"""One build of a bundle from beginning to end: look, choose a source, do what is left, lock."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from bootstrap import paths, shell
from bootstrap.bundle import (
    archive,
    engine,
    goproxy,
    hostconfig,
    inputs,
    manifests,
    net,
    places,
    recipes,
    sources,
    tools,
    work,
)
from bootstrap.bundle import lock as locks
from bootstrap.bundle.baking import Host
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.provide import Workshop
from bootstrap.bundle.recipes import Kitchen
from bootstrap.bundle.references import OURS, mirrored, parse
from bootstrap.bundle.sources import Source
from bootstrap.bundle.work import Task
from bootstrap.errors import IdpError
from bootstrap.model import Plan, UpstreamManifests
from bootstrap.progress import Reporter, Step


@dataclass(frozen=True)
class Outlook:
    """What a source would mean for a plan: its images, their keys, and what is left to do."""

    source: Source
    kitchen: Kitchen
    keys: dict[str, str]
    tasks: list[Task]
    lock: Lock | None = None


def build(plan: Plan, source: Source, reporter: Reporter) -> Lock:
    """See `bootstrap.bundle.build`."""
    found = engine.find()
    with places.held("bundle", reporter):
        layout = places.layout().create()
        with reporter.step("see what is missing") as step:
            outlook = _choose(plan, source, layout, found.platform, step)
            step.note(_summary(outlook))
        _workshop(outlook, layout, found.platform).carry_out(outlook.tasks, reporter)
        _fetch_manifests(plan, reporter)
        lock = _lock(plan, outlook, layout, found.platform)
        _unpack_tools(lock, layout, reporter)
    return lock


def load(plan: Plan) -> Lock:
    """See `bootstrap.bundle.load`."""
    lock = locks.read(places.lock(plan.stack))
    if not lock:
        raise IdpError(
            "IDP-B007",
            f"there is no bundle of the stack `{plan.stack}` yet",
            f"{places.lock(plan.stack)} does not exist",
            f"idp bundle build --stack {plan.stack}",
        )
    return lock


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


def outlook(plan: Plan, source: Source, layout: Layout, platform: str) -> Outlook:
    """What is left to do if everything comes from `source`."""
    kitchen = Kitchen(_wanted(plan, source), paths.images())
    keys = inputs.keys(kitchen, source, platform)
    tasks = work.left(kitchen, keys, source, _stored(layout, keys), engine.tags())
    return Outlook(source, kitchen, keys, tasks)


def _stored(layout: Layout, keys: dict[str, str]) -> set[str]:
    wanted = set(keys.values())
    return {e.key for e in layout.entries() if e.key in wanted and layout.complete(e)}


def _wanted(plan: Plan, source: Source) -> list[recipes.Recipe]:
    node = paths.stacks() / "kind" / "node" / "images.yaml"
    return [
        *recipes.of_images(plan.images),
        *recipes.of_cluster(node, upstream_node=source is Source.REGISTRY),
        *recipes.of_tools(paths.images() / "tools"),
    ]


def _choose(plan: Plan, source: Source, layout: Layout, platform: str, step: Step) -> Outlook:
    """The forced source; or the last one if nothing is missing then, so that nobody waits for a network."""
    if source is Source.BUNDLE:
        return _of_lock(plan, load(plan), layout, platform)
    if source is not Source.AUTO:
        return outlook(plan, source, layout, platform)
    last = locks.read(places.lock(plan.stack))
    if last and last.source is not Source.BUNDLE:
        complete = outlook(plan, last.source, layout, platform)
        if not complete.tasks:
            return complete
    chosen, why = sources.choose(_look_around(plan), imported=last is not None)
    step.note(why)
    if last and chosen is Source.BUNDLE:
        return _of_lock(plan, last, layout, platform)
    return outlook(plan, chosen, layout, platform)


def _of_lock(plan: Plan, lock: Lock, layout: Layout, platform: str) -> Outlook:
    """The locked images as they are, whatever has changed in the packages since."""
    absent = {image.name for image in plan.images} - {image.name for image in lock.images}
    if absent or lock.platform != platform:
        raise IdpError(
            "IDP-B013",
            "the bundle does not fit",
            f"it is for {lock.platform}, and this engine runs {platform}" if not absent else "",
            "import a bundle of the same version of idp, made for the same stack and kind of processor",
            faults=[f"{name}: not in the bundle" for name in sorted(absent)],
        )
    images = [recipes.Recipe(i.name, i.role, i.upstream, known_as=i.known_as) for i in lock.images]
    kitchen = Kitchen(images, paths.images())
    keys = {image.name: image.key for image in lock.images}
    stored = _stored(layout, keys)
    tasks = work.left(kitchen, keys, Source.BUNDLE, stored, engine.tags())
    return Outlook(Source.BUNDLE, kitchen, keys, tasks, lock)


def _look_around(plan: Plan) -> sources.Answers:
    mirror = registry_mirror()
    wanted = [r.upstream for r in _wanted(plan, Source.REGISTRY) if r.upstream]
    hosts = [mirrored(parse(upstream), mirror).api_host for upstream in wanted]
    return sources.look_around(
        [f"{net.scheme(host)}://{host}/v2/" for host in hosts], _package_registries(), net.answers
    )


def registry_mirror() -> str:
    """`HOST/PREFIX` that is asked instead of every upstream registry, whose name follows in the path."""
    return os.environ.get("IDP_REGISTRY_MIRROR", "")


def _package_registries() -> list[str]:
    """Addresses of the package registries that this host is configured with."""
    npm = dict(hostconfig.assignments(hostconfig.npmrc(Path.home())))
    pip = dict(hostconfig.assignments(hostconfig.pip_conf(Path.home())))
    found = [*goproxy.configured(), npm.get("registry", ""), pip.get("index-url", ""), *_apt_mirrors()]
    return [address for address in dict.fromkeys(found) if address]


def _apt_mirrors() -> list[str]:
    if not shutil.which("apt-get"):
        return []
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian"]
    return shell.run(command, check=False, timeout=30).out.split()[:1]


def _workshop(outlook: Outlook, layout: Layout, platform: str) -> Workshop:
    home = Path.home()
    host = Host(hostconfig.ca_bundle(), hostconfig.secrets(home), hostconfig.proxies())
    return Workshop(outlook.kitchen, outlook.keys, outlook.source, platform, layout, host, registry_mirror())


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


def _summary(outlook: Outlook) -> str:
    images = len(outlook.kitchen.recipes)
    if not outlook.tasks:
        return f"nothing: all {images} images are there"
    return f"{len(outlook.tasks)} of {images} images and their bases, from {outlook.source}"
