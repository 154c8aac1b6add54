"""What a promotion costs: with nothing to do, by how many repositories are new, by how large a model is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bootstrap.promotion import reading
from tests.bench import repositories, weights
from tests.bench.pair import Pair, Took
from tests.bench.rest import GIB

COUNTS = (1, 10, 100)
SIZES = (0.1, 1.0, 5.0)
#: Seconds with nothing to do.
BAR = 10.0
WITH_MODELS = "--with-models"
#: The step of `idp promote` that moves them.
MODELS = "models"
Rounds = list[Took]


@dataclass(frozen=True)
class Repositories:
    """`idle` by how many repositories of users there are; `new` by how many came at once; then one commit."""

    idle: dict[int, Rounds]
    new: dict[int, Took]
    commit: Took


@dataclass(frozen=True)
class Model:
    """A model that moved, and nothing to do afterwards; or why it did not."""

    gib: float
    moved: Took | None = None
    idle: Took | None = None
    lacking: str = ""


def of_repositories(pair: Pair) -> Repositories:
    """The target has all that the source has, then new repositories come: a few, many, a commit in one."""
    repositories_gone(pair)
    pair.promote(WITH_MODELS)
    idle, new = dict([_idle(pair)]), {}
    for count in COUNTS:
        with _there(pair, count) as made:
            new[count] = pair.promote()
            if count == COUNTS[-1]:
                idle |= [_idle(pair)]
                repositories.change(pair.source, made[0])
                commit = pair.promote()
    return Repositories(idle, new, commit)


def of_models(pair: Pair) -> Iterator[Model]:
    """One at a time: no two of them have room at once."""
    for gib in SIZES:
        size = int(gib * GIB)
        lacking = weights.lacking(pair.source, size)
        yield Model(gib, lacking=lacking) if lacking else _moved(pair, gib, size)


def repositories_gone(pair: Pair) -> None:
    for side in pair.both:
        repositories.remove(side)


@contextmanager
def _there(pair: Pair, count: int) -> Iterator[list[str]]:
    """New repositories on the source, gone from both in the end."""
    made = repositories.names(count)
    try:
        repositories.make(pair.source, made)
        yield made
    finally:
        repositories_gone(pair)


def _idle(pair: Pair, rounds: int = 3) -> tuple[int, Rounds]:
    held = len(reading.listing(pair.source.git).refs)
    return held, [pair.promote() for _ in range(rounds)]


def _moved(pair: Pair, gib: float, size: int) -> Model:
    made = weights.make(pair.source, f"bench-{gib:g}", size)
    try:
        return Model(gib, pair.promote(WITH_MODELS), pair.promote(WITH_MODELS))
    finally:
        for side in pair.both:
            weights.remove(side, made)
