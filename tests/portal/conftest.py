"""A real browser, signed in as the plain user; screenshots of every page stay to be looked at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.platform import Platform
from tests.portal.browser import signed_in

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="module")
def page(browser: Browser, platform: Platform) -> Iterator[Page]:
    """Signed in as the plain user, by the pages that a person sees."""
    with signed_in(browser, platform, "data-scientist", "Data Scientist") as tab:
        yield tab


@pytest.fixture
def keep(page: Page, artifacts: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """A screenshot of the page as the test left it, also when it failed."""
    yield
    page.screenshot(path=artifacts / f"{request.node.name.removeprefix('test_')}.png")
