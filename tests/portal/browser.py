"""How a person moves about in the portal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.platform import Platform

PATIENCE = 60_000  # milliseconds; two busy cores need them for a first load


@contextmanager
def signed_in(browser: Browser, platform: Platform, user: str, shown_as: str) -> Iterator[Page]:
    """A page of the portal after sign-in by the pages that a person sees."""
    # The instance's own CA is not in this browser's store; the CA itself is tested by every API test.
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1400, "height": 900})
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


def visit(page: Page, path: str, text: str) -> None:
    """Open a page of the portal and wait until `text` stands on it."""
    origin = page.evaluate("location.origin")
    page.goto(f"{origin}{path}")
    expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)
