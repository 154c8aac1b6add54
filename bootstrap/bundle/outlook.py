"""What a source means for a plan, and which source it shall be."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from bootstrap import paths, shell
from bootstrap.bundle import (
    downloads,
    engine,
    goproxy,
    hostconfig,
    inputs,
    net,
    places,
    recipes,
    sources,
    work,
)
from bootstrap.bundle import lock as locks
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.recipes import Kitchen
from bootstrap.bundle.references import mirrored, parse
from bootstrap.bundle.sources import Source
from bootstrap.bundle.work import Action, Task
from bootstrap.errors import IdpError
from bootstrap.model import Plan
from bootstrap.progress import Step


@dataclass(frozen=True)
class Outlook:
    """What a source would mean for a plan: its images, their keys, and what is left to do."""

    source: Source
    kitchen: Kitchen
    keys: dict[str, str]
    tasks: list[Task]
    lock: Lock | None = None


def of_source(plan: Plan, source: Source, layout: Layout, platform: str) -> Outlook:
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
        *recipes.of_tools(paths.images() / "tools", downloads.host()),
    ]


def choose(plan: Plan, source: Source, layout: Layout, platform: str, step: Step) -> Outlook:
    """The forced source; or the last one if nothing is missing then, so that nobody waits for a network."""
    if source is Source.BUNDLE:
        return _of_lock(plan, locks.load(places.lock(plan.stack), plan.stack), layout, platform)
    if source is not Source.AUTO:
        return of_source(plan, source, layout, platform)
    last = locks.read(places.lock(plan.stack))
    if last and last.source is not Source.BUNDLE:
        complete = of_source(plan, last.source, layout, platform)
        if all(task.actions == (Action.LOAD,) for task in complete.tasks):
            return complete
    chosen, why = sources.choose(_look_around(plan), imported=last is not None)
    step.note(why)
    if last and chosen is Source.BUNDLE:
        return _of_lock(plan, last, layout, platform)
    return of_source(plan, chosen, layout, platform)


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


def summary(outlook: Outlook) -> str:
    images = len(outlook.kitchen.recipes)
    if not outlook.tasks:
        return f"nothing: all {images} images are there"
    bases = sum(task.recipe.role is recipes.Role.BASE for task in outlook.tasks)
    missing = len(outlook.tasks) - bases
    return f"{missing} of {images} images{f' and {bases} bases' if bases else ''}, from {outlook.source}"
