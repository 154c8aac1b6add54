"""A platform in a cluster that existed before, with its registry, database and store outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bootstrap import bundle
from bootstrap import plan as planning
from bootstrap.model import Target
from bootstrap.progress import silent
from tests.cloud import world
from tests.cloud.world import World
from tests.conftest import USERS_DATA, platform_here
from tests.platform import Platform


@pytest.fixture(scope="package")
def outside(tmp_path_factory: pytest.TempPathFactory, image: Callable[[str], str]) -> Iterator[World]:
    """The cluster and what it has around it, before anything of the platform is there."""
    name = f"e2e-cloud-{os.getpid()}"
    told = {"domain": f"{name}.localhost", "registry": "unknown", "objectstore": "managed"}
    plan = planning.load("reference", Target("existing", name, facts=told))
    lock = bundle.build(plan, bundle.Source.AUTO, silent())
    with world.existing(name, lock, image, plan, tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(scope="package")
def elsewhere(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, artifacts: Path
) -> Iterator[Platform]:
    """The platform in it, brought up as a user would.

    IDP_TEST_ELSEWHERE names a running one of this user instead, for the inner loop; it is left alone.
    """
    log = artifacts / "elsewhere.log"
    log.unlink(missing_ok=True)
    if name := os.environ.get("IDP_TEST_ELSEWHERE"):
        yield Platform(name, USERS_DATA, log)
        return
    outside: World = request.getfixturevalue("outside")
    platform = Platform(outside.name, tmp_path_factory.mktemp("data"), log, outside.environment)
    platform.idp(*up(outside))
    yield platform
    platform.idp("down", "--yes", "--progress", "plain", check=False)


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[Platform]:
    """One for this folder alone: other tests of this process need none, and the machine is small."""
    with platform_here(tmp_path_factory.mktemp("data"), artifacts) as found:
        yield found


@pytest.fixture(scope="package")
def pair(platform: Platform, elsewhere: Platform) -> Platform:
    """The platform elsewhere, whose data folder knows of the one on this machine, too.

    Only by what leads there: its node's images and state lie beside that, and belong to one folder.
    """
    folder = Path("instances") / platform.name
    if platform.data != elsewhere.data:
        (elsewhere.data / folder).mkdir(parents=True, exist_ok=True)
        for file in ("instance.json", "kubeconfig", "ca.crt"):
            shutil.copy2(platform.data / folder / file, elsewhere.data / folder / file)
    return elsewhere


def up(outside: World) -> list[str]:
    """The command line of a user."""
    named = ["--context", f"kind-{outside.name}", "--facts", str(outside.facts)]
    return ["up", *named, "--progress", "plain"]
