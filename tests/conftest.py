"""One platform for all tests that need one; tests marked `last` take it down.

`make test` runs them in two processes: one has the platform, the other everything else.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from playwright.sync_api import Browser

from bootstrap import bundle, paths
from bootstrap import plan as planning
from bootstrap.instance import free_port
from bootstrap.model import Target
from bootstrap.plan import DEFAULT_PORT
from bootstrap.progress import silent
from tests.aws import aws, moto  # noqa: F401 - fixtures
from tests.e2e.life import Life, of_data_scientist
from tests.platform import Platform
from tests.portal.browser import CHROMIUM, started
from tests.scheduling import SHARING, Scheduling

ARTIFACTS = Path(__file__).parent / "artifacts"
#: Platforms of whoever runs the tests. Only a test that was told to by IDP_TEST_NAME may reach one of them.
USERS_DATA = paths.data()


def pytest_configure(config: pytest.Config) -> None:
    """Give the tests a data folder of their own, so that a name in a test means no real platform.

    No example of Hypothesis is timed: on a busy machine that says nothing of the code.
    """
    hypothesis.settings.register_profile("idp", deadline=None)
    hypothesis.settings.load_profile("idp")
    folder = tempfile.mkdtemp(prefix="idp-tests-data-")
    os.environ["IDP_DATA_DIR"] = folder
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Those that share the platform first, of them last what only waits, and its removal; then the rest."""
    if "slow" not in config.option.markexpr and not os.environ.get("IDP_TEST_SLOW"):
        for item in items:
            if _has(item, "slow"):
                item.add_marker(pytest.mark.skip(reason="takes minutes: -m slow runs it"))
    if os.environ.get("IDP_TEST_NAME"):
        for item in items:
            if _has(item, "last"):
                item.add_marker(pytest.mark.skip(reason="the named platform is left alone"))
    items.sort(
        key=lambda item: (
            not _needs_platform(item),
            not _has(item, "cluster"),
            _has(item, "last"),
            _has(item, "late"),
        )
    )


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


def _has(item: pytest.Item, marker: str) -> bool:
    return item.get_closest_marker(marker) is not None


def _needs_platform(item: pytest.Item) -> bool:
    return item.nodeid.startswith(SHARING)


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """A folder outside Git for what tests leave to look at."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS


@pytest.fixture(scope="session")
def image() -> Callable[[str], str]:
    """Name of a platform image -> what the engine calls it; makes the bundle where it is not complete."""
    from bootstrap.bundle.lending import lend

    plan = planning.load("reference", Target("local", "test"))
    return partial(lend, bundle.build(plan, bundle.Source.AUTO, silent()))


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[Platform]:
    """A platform for all tests of this process that share one."""
    with platform_here(tmp_path_factory.mktemp("data"), artifacts) as found:
        yield found


@contextmanager
def platform_here(data: Path, artifacts: Path) -> Iterator[Platform]:
    """A new instance, brought up as a user would; removed in the end, also after a failure.

    IDP_TEST_NAME names a running platform of this user instead, for the inner loop; it is left alone.
    """
    log = artifacts / f"platform-{_worker()}.log"
    log.unlink(missing_ok=True)
    if name := os.environ.get("IDP_TEST_NAME"):
        yield Platform(name, USERS_DATA, log)
        return
    instance = Platform(f"e2e-{os.getpid()}", data, log)
    try:
        instance.up(*_port())
        yield instance
    finally:
        instance.idp("down", "--yes", check=False)


def _port() -> list[str]:
    """The first process takes the default; others come up at the same time and cannot see its choice."""
    return ["--port", str(free_port(DEFAULT_PORT + 500 * _worker()))] if _worker() else []


def _worker() -> int:
    """The number of this process among those that `make test` runs side by side."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture(scope="session")
def life(platform: Platform) -> Iterator[Life]:
    """A data set, a pipeline that learns from it, and a service in front of what comes of it."""
    with of_data_scientist(platform) as made:
        made.scaffold_dataset()
        made.scaffold_pipeline()
        made.scaffold_service()
        yield made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, without a window."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    with started() as browser:
        yield browser
