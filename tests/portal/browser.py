"""How a person moves about in the portal."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Error, Page, Request, ViewportSize, expect, sync_playwright

from tests.platform import Platform

#: What Chromium says of a request that it gave up because the host's networks changed.
_DROPPED = "ERR_NETWORK_CHANGED"
PATIENCE = 60_000  # milliseconds; two busy cores need them for a first load
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
#: The instance's own CA is not in this browser's store; the CA itself is tested by every API test.
TRUSTING = True
VIEWPORT: ViewportSize = {"width": 1400, "height": 900}


@contextmanager
def started() -> Iterator[Browser]:
    """A real browser, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def signed_in(browser: Browser, platform: Platform, user: str, shown_as: str) -> Iterator[Page]:
    """A page of the portal after sign-in by the pages that a person sees."""
    context = browser.new_context(ignore_https_errors=TRUSTING, viewport=VIEWPORT)
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.goto(platform.status()["endpoints"]["backstage"])
    tab.get_by_role("button", name="Sign in").click()
    tab.locator("input[name=user_name]").fill(user)
    tab.locator("input[name=password]").fill(platform.password(user))
    tab.keyboard.press("Enter")
    greeting = tab.get_by_text(shown_as)
    consent = tab.get_by_role("button", name="Authorize Application")
    expect(greeting.or_(consent).first).to_be_visible(timeout=PATIENCE)
    if consent.count():
        consent.click()
    expect(greeting.first).to_be_visible(timeout=PATIENCE)
    yield tab
    context.close()


def visit(page: Page, path: str, text: str | re.Pattern[str]) -> None:
    """Open a page of the portal and wait until `text` stands on it.

    Other tests make networks of containers meanwhile, and a browser drops what is under way when one comes or
    goes: then the page is opened again, as a person would.
    """
    url = f"{page.evaluate('location.origin')}{path}"
    dropped: list[str] = []

    def heard(request: Request) -> None:
        if _DROPPED in (request.failure or ""):
            dropped.append(request.url)

    page.on("requestfailed", heard)
    try:
        for last in (False, False, True):
            dropped.clear()
            try:
                page.goto(url)
                expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)
                return
            except (AssertionError, Error):
                if last or not dropped:
                    raise
    finally:
        page.remove_listener("requestfailed", heard)
