"""One platform for all tests that need one; tests marked `last` take it down.

`make test` runs them in two processes: one has the platform, the other everything else.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from bootstrap import bundle, paths
from bootstrap import plan as planning
from bootstrap.http import client
from bootstrap.model import Target
from bootstrap.portal import PortalClient
from bootstrap.progress import silent
from tests.e2e.life import DATASET, MODEL, SERVICE, Life
from tests.platform import Platform

ARTIFACTS = Path(__file__).parent / "artifacts"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
    for item in items:
        group = "platform" if _needs_platform(item) else item.nodeid.split("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


def _has(item: pytest.Item, marker: str) -> bool:
    return item.get_closest_marker(marker) is not None


def _needs_platform(item: pytest.Item) -> bool:
    return "platform" in getattr(item, "fixturenames", ())


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
    """A new instance, brought up as a user would; removed in the end, also after a failure.

    IDP_TEST_NAME names a running platform of this user instead, for the inner loop; it is left alone.
    """
    log = artifacts / "platform.log"
    log.unlink(missing_ok=True)
    if name := os.environ.get("IDP_TEST_NAME"):
        yield Platform(name, paths.data(), log)
        return
    instance = Platform(f"e2e-{os.getpid()}", tmp_path_factory.mktemp("data"), log)
    try:
        instance.up()
        yield instance
    finally:
        instance.idp("down", "--yes", check=False)


@pytest.fixture(scope="session")
def life(platform: Platform) -> Iterator[Life]:
    """A data set, a pipeline that learns from it, and a service in front of what comes of it."""
    endpoints = platform.status()["endpoints"]
    portal = PortalClient.for_instance(platform.name, endpoints["backstage"], data=platform.data)
    portal.sign_in("data-scientist", platform.password("data-scientist"))
    with portal, client(platform.name, data=platform.data) as http:
        made = Life(platform, portal, http, endpoints)
        made.scaffold("ml-dataset", name=DATASET, source="starter")
        made.scaffold(
            "ml-training-pipeline",
            **{"name": MODEL, "source": "dataset", "dataset": DATASET},
            **{"schedule": "none", "sweep": True},
        )
        made.scaffold("ml-model-service", name=SERVICE, model=MODEL, alias="candidate", exposure="gateway")
        yield made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, without a window."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()
