"""Carry out the tasks of a bundle: pull, bootstrap, build, store and load images, two at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bootstrap.bundle import baking, bases, downloads, engine, graph, net, process, savedimage
from bootstrap.bundle.baking import Host
from bootstrap.bundle.inputs import is_pulled
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.logins import RegistryAuth, configured
from bootstrap.bundle.places import bake_file, log, scratch
from bootstrap.bundle.recipes import Kitchen, Recipe, Role
from bootstrap.bundle.references import mirrored, parse
from bootstrap.bundle.registry import Registry
from bootstrap.bundle.sources import Source
from bootstrap.bundle.work import Action, Task, tag
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter, Step

#: Builds wait for downloads as often as for a core, so two at a time. One of them may take this much
#: memory, in GiB, so a smaller machine builds one after the other.
WORKERS = 2
MEMORY_PER_BUILD = 3.0


@dataclass(frozen=True)
class Workshop:
    """All that the tasks of one bundle share."""

    kitchen: Kitchen
    keys: Mapping[str, str]
    source: Source
    platform: str
    layout: Layout
    host: Host
    mirror: str = ""
    workers: int = WORKERS

    def carry_out(self, tasks: Sequence[Task], reporter: Reporter) -> None:
        """Every image is recorded as soon as it is done, so that an interrupted run continues after it."""
        if any(Action.BUILD in task.actions for task in tasks):
            engine.require_buildx()
            baking.write(baking.bake_file(self.kitchen, self.keys, self.host), bake_file())
        graph.run(
            {task.recipe.name: self._worker(task, reporter) for task in tasks},
            {task.recipe.name: task.after for task in tasks},
            self.workers,
            process.stop_all,
        )

    def _worker(self, task: Task, reporter: Reporter) -> Callable[[], None]:
        def work() -> None:
            with reporter.step(task.title) as step:
                for action in task.actions:
                    self._do(action, task.recipe, step)

        return work

    def _do(self, action: Action, recipe: Recipe, step: Step) -> None:
        key = self.keys[recipe.name]
        image = tag(recipe, key)
        if action is Action.PULL:
            self._pull(recipe, key, step)
        elif action is Action.ROOTFS:
            step.note(f"log: {log(recipe.name)}")
            bases.bootstrap(recipe, image, self.platform, scratch(), log(recipe.name))
            self._name_base(recipe, image)
        elif action is Action.BUILD:
            step.note(f"log: {log(recipe.name)}")
            baking.build(recipe, self._definition(recipe, step), log(recipe.name), self.host)
            self._name_base(recipe, image)
        elif action is Action.SAVE:
            with engine.saving(image) as stream:
                manifest = savedimage.take_in(stream, self.layout)
            entry = self.layout.record(recipe.name, key, manifest, Source.PACKAGES)
            step.note(f"{entry.digest[:19]}, {megabytes(entry.content)}")
        elif action is Action.LOAD:
            self._load(recipe, key, image)

    def _definition(self, recipe: Recipe, step: Step) -> Path:
        """The bake file to build from; on the open internet downloads stand in for stages of the tools."""
        if recipe.role is not Role.TOOLS or self.source is not Source.REGISTRY or not recipe.context:
            return bake_file()
        wanted = downloads.listed(recipe.context / "tools.yaml", downloads.host())
        try:
            stages = downloads.provide(wanted, scratch() / "downloads")
        except (httpx.HTTPError, KeyError) as error:
            step.note(f"an official download cannot be had ({error}); building all tools from source")
            stages = {}
        file = bake_file().with_name("bake-tools.json")
        baking.write(baking.bake_file(self.kitchen, self.keys, self.host, stages), file)
        return file

    def _pull(self, recipe: Recipe, key: str, step: Step) -> None:
        reference = mirrored(parse(recipe.upstream), self.mirror)
        with net.client(auth=RegistryAuth(configured(reference.host))) as http:
            manifest = Registry(reference, http).pull(self.layout, self.platform)
        entry = self.layout.record(recipe.name, key, manifest, Source.REGISTRY)
        step.note(f"{entry.digest[:19]}, {megabytes(entry.content)}")

    def _load(self, recipe: Recipe, key: str, image: str) -> None:
        entry = self.layout.find(key)
        if not entry:
            raise IdpError("IDP-B008", f"`{recipe.name}` is not in the bundle", fix="idp bundle build")
        with engine.loading() as stream:
            savedimage.give_out(stream, self.layout, entry.digest, [image])
        self._name_base(recipe, image)

    def _name_base(self, recipe: Recipe, image: str) -> None:
        """A base also gets the name that Dockerfiles use, for those who build one of them by hand."""
        if recipe.tag and not is_pulled(recipe, self.source):
            engine.tag(image, f"{image.rpartition(':')[0]}:{recipe.tag}")


def workers(memory_gib: float) -> int:
    return WORKERS if memory_gib >= WORKERS * MEMORY_PER_BUILD else 1


def megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
