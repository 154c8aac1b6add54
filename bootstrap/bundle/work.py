"""What is left to do for a bundle, given what is already there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bootstrap.bundle.inputs import is_pulled
from bootstrap.bundle.recipes import Kitchen, Recipe, Role
from bootstrap.bundle.references import OURS
from bootstrap.bundle.sources import Source
from bootstrap.errors import IdpError


class Action(StrEnum):
    PULL = "pull"  # registry -> layout
    ROOTFS = "bootstrap"  # packages -> engine
    BUILD = "build"  # Dockerfile -> engine
    SAVE = "store"  # engine -> layout
    LOAD = "load"  # layout -> engine


@dataclass(frozen=True)
class Task:
    """The actions that one image still needs, in order, and the tasks that must be done before."""

    recipe: Recipe
    actions: tuple[Action, ...]
    after: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.actions[0]} {self.recipe.name}"


def tag(recipe: Recipe, key: str) -> str:
    """The name in the engine: it says what the image was made from, so another checkout's never matches."""
    if not recipe.tag:
        return tag_of(recipe.name, key)
    name = recipe.name.partition(":")[0]
    return f"{OURS}/{name}:{recipe.tag}-{key[:12]}"


def tag_of(name: str, key: str) -> str:
    return f"{OURS}/{name}:{key[:12]}"


def left(
    kitchen: Kitchen,
    keys: Mapping[str, str],
    source: Source,
    stored: Collection[str],
    in_engine: Collection[str],
) -> list[Task]:
    """Tasks in an order in which they can be done.

    `stored` are the keys in the layout, `in_engine` the engine's tags. An image is wanted in the layout
    unless it is a base, and in the engine if it is the node or if something that must be built needs it.
    Raises IDP-B013, naming all images that cannot be had from this source.
    """
    wanted_in_engine: set[str] = set()
    tasks: list[Task] = []
    for recipe in reversed(kitchen.in_order):
        has_tag = tag(recipe, keys[recipe.name]) in in_engine
        is_stored = keys[recipe.name] in stored
        for_engine = recipe.role is Role.NODE or recipe.name in wanted_in_engine
        if recipe.role is Role.BASE and not for_engine:
            continue
        actions = _actions(recipe, is_pulled(recipe, source), is_stored, has_tag, for_engine)
        bases = tuple(kitchen.base(ref).name for ref in recipe.bases) if Action.BUILD in actions else ()
        wanted_in_engine.update(bases)
        if actions:
            tasks.append(Task(recipe, tuple(actions), bases))
    _refuse_impossible(tasks, source)
    pending = {task.recipe.name for task in tasks}
    return [
        Task(t.recipe, t.actions, tuple(name for name in t.after if name in pending)) for t in reversed(tasks)
    ]


def _actions(recipe: Recipe, pulled: bool, is_stored: bool, has_tag: bool, for_engine: bool) -> list[Action]:
    load = [Action.LOAD] if for_engine and not has_tag else []
    if is_stored:
        return load
    if pulled:
        return [Action.PULL, *load]
    for_layout = recipe.role is not Role.BASE
    made = [] if has_tag else [Action.ROOTFS if recipe.script else Action.BUILD]
    return [*made, Action.SAVE] if for_layout else made


def _refuse_impossible(tasks: list[Task], source: Source) -> None:
    makes = {Action.BUILD, Action.ROOTFS}
    faults = [
        f"{t.recipe.name}: no Dockerfile in {t.recipe.context or 'its package'}"
        for t in tasks
        if makes & set(t.actions) and not (t.recipe.dockerfile or t.recipe.script)
    ]
    if source is Source.BUNDLE and tasks:
        faults = [f"{t.recipe.name}: not in the bundle" for t in tasks if t.actions[0] is not Action.LOAD]
    if faults:
        raise IdpError(
            "IDP-B013",
            f"{len(faults)} image{'s' if len(faults) > 1 else ''} cannot be had from source `{source}`",
            fix="idp bundle build --source registry",
            faults=faults,
        )
