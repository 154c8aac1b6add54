"""Two platforms, one on this machine and one elsewhere, and promotions from the first to the second."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest.mock import patch

from bootstrap import bundle, paths
from bootstrap import plan as planning
from bootstrap.bundle.lending import lend
from bootstrap.bundle.lock import Lock
from bootstrap.model import Target
from bootstrap.progress import silent
from bootstrap.promotion import session
from bootstrap.promotion.session import Reached
from tests.bench import bringup
from tests.cloud import world
from tests.cloud.conftest import up
from tests.platform import Platform

#: Running platforms of this user, as the tests take them: they are left alone.
HERE, ELSEWHERE = "IDP_TEST_NAME", "IDP_TEST_ELSEWHERE"


@dataclass(frozen=True)
class Took:
    """Seconds of one promotion, as a user waits for it, and of its steps."""

    seconds: float
    steps: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """Where things come from and where they go to: each as its user has it, and as `idp` reaches it."""

    platform: Platform
    source: Reached
    target: Reached

    @property
    def both(self) -> tuple[Reached, Reached]:
        return self.source, self.target

    def promote(self, *arguments: str) -> Took:
        way = ["--from", self.source.plan.facts.name, "--to", self.target.plan.facts.name]
        began = time.monotonic()
        told = self.platform.idp("promote", *way, *arguments, "--yes", "--progress", "json")
        return Took(time.monotonic() - began, bringup.stages(told.err))


@contextmanager
def running(lock: Lock, name: str) -> Iterator[Pair]:
    """Both, brought up and removed in the end; those that the environment names are taken as they are."""
    with ExitStack() as held:
        work = Path(held.enter_context(tempfile.TemporaryDirectory()))
        named = os.environ.get(HERE) or os.environ.get(ELSEWHERE)
        data = paths.data() if named else work / "data"
        held.enter_context(patch.dict(os.environ, {"IDP_DATA_DIR": str(data)}))
        here = held.enter_context(_here(name, data, work / "here.log"))
        there = held.enter_context(_elsewhere(f"{name}-elsewhere", lock, data, work))
        held.enter_context(patch.dict(os.environ, there.environment))
        source, target = (held.enter_context(session.reached(p.name, silent())) for p in (here, there))
        yield Pair(there, source, target)


@contextmanager
def _here(name: str, data: Path, log: Path) -> Iterator[Platform]:
    if named := os.environ.get(HERE):
        yield Platform(named, data, log)
        return
    platform = Platform(name, data, log)
    with _removed(platform):
        platform.up()
        yield platform


@contextmanager
def _elsewhere(name: str, lock: Lock, data: Path, work: Path) -> Iterator[Platform]:
    log = work / "elsewhere.log"
    if named := os.environ.get(ELSEWHERE):
        yield Platform(named, data, log)
        return
    told = {"domain": f"{name}.localhost", "registry": "unknown", "objectstore": "managed"}
    plan = planning.load("reference", Target("existing", name, facts=told))
    bare = bundle.build(plan, bundle.Source.AUTO, silent())
    image: Callable[[str], str] = partial(lend, lock)
    with world.existing(name, bare, image, plan, work / "world") as outside:
        platform = Platform(name, data, log, outside.environment)
        with _removed(platform):
            platform.idp(*up(outside))
            yield platform


@contextmanager
def _removed(platform: Platform) -> Iterator[None]:
    try:
        yield
    finally:
        platform.idp("down", "--yes", "--progress", "plain", check=False)
