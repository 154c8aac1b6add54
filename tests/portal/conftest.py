"""A real browser, signed in as the plain user; screenshots of every page stay to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.platform import Platform
from tests.portal.browser import signed_in


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Browser:
    return chromium


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
