"""A user's walk through the portal in a real browser; screenshots of every page stay to be looked at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.platform import Platform

pytestmark = [pytest.mark.portal, pytest.mark.cluster]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
PATIENCE = 60_000  # milliseconds; two busy cores need them for a first load
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
    # The instance's own CA is not in this browser's store; the CA itself is tested by every API test.
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1400, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.goto(platform.status()["endpoints"]["backstage"])
    tab.get_by_role("button", name="Sign in").click()
    tab.locator("input[name=user_name]").fill("data-scientist")
    tab.locator("input[name=password]").fill(platform.password("data-scientist"))
    tab.keyboard.press("Enter")
    greeting = tab.get_by_text("Data Scientist")
    consent = tab.get_by_role("button", name="Authorize Application")
    expect(greeting.or_(consent).first).to_be_visible(timeout=PATIENCE)
    if consent.count():
        consent.click()
    expect(greeting.first).to_be_visible(timeout=PATIENCE)
    yield tab
    context.close()


@pytest.fixture
def keep(page: Page, artifacts: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """A screenshot of the page as the test left it, also when it failed."""
    yield
    page.screenshot(path=artifacts / f"{request.node.name.removeprefix('test_')}.png")


def visit(page: Page, path: str, text: str) -> None:
    """Open a page of the portal and wait until `text` stands on it."""
    origin = page.evaluate("location.origin")
    page.goto(f"{origin}{path}")
    expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)


@pytest.mark.usefixtures("keep")
def test_home_greets_the_user(page: Page) -> None:
    visit(page, "/", "Model service")


@pytest.mark.usefixtures("keep")
def test_catalogue_lists_the_platform(page: Page) -> None:
    visit(page, "/catalog?filters[user]=all", "Gitea")


@pytest.mark.usefixtures("keep")
def test_template_form_refuses_a_bad_name(page: Page) -> None:
    visit(page, "/create/templates/default/ml-model-service", "The service")
    page.get_by_label("Name").first.fill("Not A Name")
    page.get_by_label("Description").first.fill("Irises, for gardeners")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("must match pattern").or_(page.get_by_text("must not")).first).to_be_visible()


@pytest.mark.usefixtures("keep")
def test_docs_render(page: Page) -> None:
    visit(page, "/docs/default/component/handbook", "Your first model")


@pytest.mark.usefixtures("keep")
def test_kubernetes_tab_shows_pods(page: Page) -> None:
    visit(page, "/catalog/default/component/gitea/kubernetes", "No pods with errors")
    page.get_by_role("button", name="Cluster").click()
    page.get_by_text("No pods with errors").nth(1).click()  # the name itself opens a drawer
    expect(page.get_by_text("gitea-0").first).to_be_visible(timeout=PATIENCE)


@pytest.mark.usefixtures("keep")
def test_search_finds_documentation(page: Page) -> None:
    visit(page, "/search?query=handbook", "Handbook")
