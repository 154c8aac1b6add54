"""Registered models from one MLflow to another: what is lacking there (pure), bringing it, taking it back.

What the source has shall be on the target as on the source. What the target has besides stays, except that
versions of its own mean that it has diverged. The alias `production` is decided on each platform.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.mlflow import Experiment, Listing, Mlflow, Model, Version
from bootstrap.progress import Reporter, Step
from bootstrap.promotion.difference import ModelChange, Relation, VersionChange

T = TypeVar("T")

PRODUCTION = "production"
#: Requests at the same time, and bytes in each: their product is what a transfer takes of memory.
_WORKERS = 8
_PART = 16 * 2**20
#: What the server takes in one request, and S3 in one object.
_LARGEST_PART, _PARTS = 64 * 2**20, 10_000


@dataclass(frozen=True)
class Transferred:
    """What was sent: artifacts that were not there, and their bytes."""

    versions: int = 0
    artifacts: int = 0
    size: int = 0


# What is lacking


def compare(
    source: Listing, target: Listing, chosen: Collection[str] | None = None
) -> tuple[ModelChange, ...]:
    """The models of the source that the target has not as they are there, by name; all, or those chosen.

    Raises IDP-M021 (other schema) and IDP-M025 (the source has no such model).
    """
    if source.schema != target.schema:
        raise IdpError(
            "IDP-M021",
            "the databases of both MLflow differ in their schema",
            f"the source has {source.schema}, the target {target.schema}; promote the stack first",
            "idp diff",
        )
    if unknown := set(chosen or ()) - source.models.keys():
        raise IdpError(
            "IDP-M025",
            f"the source has no model {', '.join(sorted(unknown))}",
            f"its models: {', '.join(sorted(source.models)) or 'none'}",
            exit_code=WRONG_USE,
        )
    names = sorted(source.models if chosen is None else chosen)
    changes = (_change(name, source, target) for name in names)
    return tuple(change for change in changes if change)


def _change(name: str, source: Listing, target: Listing) -> ModelChange | None:
    wanted, found = source.models[name], target.models.get(name)
    has = found or Model()
    if conflicts := _conflicts(wanted, has):
        return ModelChange(name, (), {}, Relation.DIVERGED, conflicts=conflicts)
    versions = tuple(
        VersionChange(number, version.run, version.sha256)
        for number, version in sorted(wanted.versions.items(), key=lambda item: int(item[0]))
        if number not in has.versions
    )
    aliases = _aliases(wanted.aliases, has.aliases)
    lacking = tuple(e for e in wanted.experiments if e not in target.experiments)
    pairs = [(source.experiments[e], target.experiments.get(e, Experiment())) for e in wanted.experiments]
    added = tuple(t for there, here in pairs for t in there.things if t not in here.things)
    changed = tuple(t for there, here in pairs for t, d in there.things.items() if here.things.get(t, d) != d)
    described = _described(wanted) == _described(has, wanted) and all(_covers(*pair) for pair in pairs)
    if found and described and not (versions or aliases or lacking or added or changed):
        return None
    relation = Relation.BEHIND if found else Relation.NEW
    return ModelChange(name, versions, aliases, relation, added, changed, lacking)


def _conflicts(wanted: Model, has: Model) -> tuple[str, ...]:
    """Versions of the target's own. One that is deleted on either side is none."""
    own = [
        number
        for number, version in has.versions.items()
        if number not in wanted.deleted
        and (number not in wanted.versions or not _same(version, wanted.versions[number]))
    ]
    return tuple(sorted(own, key=int))


def _same(one: Version, other: Version) -> bool:
    if one.run or other.run:
        return one.run == other.run
    return (one.source, one.created) == (other.source, other.created)


def _aliases(wanted: Mapping[str, str], has: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    names = sorted({*wanted, *has})
    return {
        alias: (has.get(alias), wanted.get(alias))
        for alias in names
        if alias.casefold() != PRODUCTION and has.get(alias) != wanted.get(alias)
    }


def _described(model: Model, wanted: Model | None = None) -> tuple[Any, ...]:
    """What is to be equal besides; of the target only that which the source has, too."""
    asked = wanted or model
    digests = {n: version.digest for n, version in model.versions.items() if n in asked.versions}
    gone = {*asked.deleted} & {*model.deleted, *model.versions}
    return model.digest, digests, gone


def _covers(wanted: Experiment, has: Experiment) -> bool:
    return wanted.lifecycle == has.lifecycle and wanted.tags.items() <= has.tags.items()


# Bringing it


def transfer(source: Mlflow, target: Mlflow, change: ModelChange, reporter: Reporter) -> Transferred:
    """Artifacts first, rows last: where rows are, artifacts are. Continues what was aborted.

    Raises IDP-M020 (no answer), IDP-M022 (diverged), IDP-M023 (refused), IDP-M024 (bytes were damaged).
    """
    if change.relation is Relation.DIVERGED:
        raise diverged([change])
    with reporter.step(f"move the model {change.name}") as step:
        export = source.export(change.name, (*change.added, *change.changed))
        for uri in export.elsewhere:
            step.note(f"outside of MLflow's bucket, stays where it is: {uri}")
        wanted, found = source.sizes(export.roots), target.sizes(export.roots)
        missing = {key: size for key, size in wanted.items() if found.get(key) != size}
        _send(source, target, missing, _Meter(step, sum(missing.values())))
        target.bring(change.name, export.rows)
    return Transferred(len(change.versions), len(missing), sum(missing.values()))


def diverged(changes: Collection[ModelChange]) -> IdpError:
    """The refusal of models that have diverged, with every version concerned."""
    names = ", ".join(change.name for change in changes)
    return IdpError(
        "IDP-M022",
        f"versions of {names} on the target are not those of the source",
        "a number would mean two things",
        faults=[f"{c.name} {number}: the target's own" for c in changes for number in c.conflicts],
    )


def _send(source: Mlflow, target: Mlflow, sizes: Mapping[str, int], meter: _Meter) -> None:
    small = [(key, size) for key, size in sorted(sizes.items()) if size <= _PART]
    _side_by_side(partial(_copy, source, target, key, size, meter) for key, size in small)
    for key, size in sorted(sizes.items()):
        if size > _PART:
            _copy_in_parts(source, target, key, size, meter)


def _copy(source: Mlflow, target: Mlflow, key: str, size: int, meter: _Meter) -> None:
    # No range of bytes is in an empty object.
    target.write(key, source.read(key, 0, size) if size else b"")
    meter.add(size)


def _copy_in_parts(source: Mlflow, target: Mlflow, key: str, size: int, meter: _Meter) -> None:
    upload = target.begin(key)

    def copy(number: int, start: int, length: int) -> str:
        tag = target.write_part(key, upload, number, source.read(key, start, length))
        meter.add(length)
        return tag

    tags = _side_by_side(partial(copy, *part) for part in parts(key, size))
    target.complete(key, upload, tags, size)


def parts(key: str, size: int) -> Iterator[tuple[int, int, int]]:
    """Number from 1, beginning and length of each part of an object."""
    length = max(_PART, -(-size // _PARTS))
    if length > _LARGEST_PART:
        what = f"the artifact {key} is too large to be moved"
        raise IdpError("IDP-M026", what, f"it has {size} bytes, {_LARGEST_PART * _PARTS} can be moved")
    for number, start in zip(itertools.count(1), range(0, size, length), strict=False):
        yield number, start, min(length, size - start)


def _side_by_side(calls: Iterable[Callable[[], T]]) -> list[T]:
    """The results in order; after the first error nothing more is begun."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        futures = [pool.submit(call) for call in calls]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]


@dataclass
class _Meter:
    """Tells with each tenth how many of `total` bytes have been moved."""

    step: Step
    total: int
    done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, size: int) -> None:
        with self.lock:
            before, self.done = self.done, self.done + size
            if self.total and self.done * 10 // self.total > before * 10 // self.total:
                self.step.note(f"{_size(self.done)} of {_size(self.total)}")


def _size(count: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


# Taking it back


def withdraw(target: Mlflow, change: ModelChange) -> None:
    """Back to the state before `change`: its versions, runs, logged models, experiments and aliases.

    Descriptions and tags of what was there before stay as they were brought; artifacts stay, too. Raises
    IDP-M023 where one of the versions is in production.
    """
    if change.relation is Relation.DIVERGED:
        return
    target.withdraw(change.name, _withdrawal(change))


def _withdrawal(change: ModelChange) -> dict[str, Any]:
    return {
        "versions": {version.number: version.run for version in change.versions},
        "things": list(change.added),
        "experiments": list(change.experiments),
        "aliases": {alias: before for alias, (before, _) in change.aliases.items()},
        "model": change.relation is Relation.NEW,
    }
