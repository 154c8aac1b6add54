"""Promotions as people see them, from a record in Git like those that `idp promote` writes."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.life import MODEL, SERVICE, Life, eventually
from tests.portal import axe
from tests.portal.browser import PATIENCE, VIEWPORT, visit

pytestmark = [pytest.mark.portal, pytest.mark.cluster]

#: Newer than any that another test makes.
PROMOTION = "29990101T000000Z-laptop"
UNREADABLE = "29980101T000000Z-laptop"
RECORD = f"""
id: {PROMOTION}
state: begun
from: {{name: laptop, domain: laptop.localhost, commit: {"4f" * 20}}}
to: {{name: staging, domain: idp.example.org}}
by: {{name: Jane Doe, email: jane@example.org}}
begun: "2026-11-26T13:45:10Z"
platform:
  idp/platform: {{before: {"1a" * 20}, after: {"2b" * 20}}}
repositories:
  ml/{MODEL}: {{before: {{}}, after: {{refs/heads/main: {"3c" * 20}, refs/tags/v1: {"4d" * 20}}}}}
images: {{ml-runtime: "sha256:{"5e" * 32}"}}
services: [{SERVICE}]
models:
  {MODEL}: {{versions: {{"1": "{"6f" * 32}"}}, aliases: {{candidate: "1"}}}}
difference: [1 application changes]
checks: [{{name: healthy, passed: true, detail: "12 applications"}}]
"""
NARROW = 400
#: How far the page scrolls sideways, in pixels.
OVERHANG = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def records(life: Life) -> Iterator[None]:
    """Two records, of which one cannot be read; what was there before stays, and nothing else."""
    api = f"{life.endpoints['gitea']}/api/v1"
    login = ("platform-admin", life.platform.password("platform-admin"))
    repository = f"{api}/repos/idp/promotions"
    new = life.http.get(repository, auth=login).status_code == httpx.codes.NOT_FOUND
    if new:
        body = {"name": "promotions", "private": False, "default_branch": "main", "auto_init": True}
        life.http.post(f"{api}/orgs/idp/repos", json=body, auth=login).raise_for_status()
    made = {}
    try:
        for name, text in {PROMOTION: RECORD, UNREADABLE: "state: ["}.items():
            url = f"{repository}/contents/records/{name}.yaml"
            body = {"content": base64.b64encode(text.encode()).decode(), "message": f"Add {name}"}
            answer = life.http.post(url, json=body, auth=login).raise_for_status()
            made[url] = answer.json()["content"]["sha"]
        yield
    finally:
        for url, sha in made.items():
            life.http.request("DELETE", url, json={"sha": sha, "message": "Clean up"}, auth=login)
        if new:
            life.http.delete(repository, auth=login)


@pytest.fixture
def promotions(page: Page, records: None) -> Page:
    """The page once the portal, which remembers its list for some seconds, tells of the records."""
    visit(page, "/", "Data set")
    text = f"Promotion {PROMOTION}"

    def told() -> bool:
        visit(page, "/promotions", "What came to this platform")
        heading = page.get_by_role("heading", name=text)
        expect(heading.or_(page.get_by_text("Nothing was promoted")).first).to_be_visible(timeout=PATIENCE)
        return heading.is_visible()

    eventually("the portal tells of the promotion", told, 60)
    return page


@pytest.mark.usefixtures("life", "keep")
def test_it_says_what_promotions_are_before_there_is_one(page: Page) -> None:
    visit(page, "/promotions", "What came to this platform")
    nothing = page.get_by_text("Nothing was promoted to this platform yet")
    some = page.get_by_role("list", name="Promotions")
    expect(nothing.or_(some)).to_be_visible(timeout=PATIENCE)
    if some.is_visible():
        pytest.skip("something was promoted to this platform")
    expect(page.get_by_text("idp promote --from NAME --to")).to_be_visible()
    assert not axe.grave(page)


@pytest.mark.usefixtures("keep")
def test_the_navigation_leads_to_promotions(promotions: Page) -> None:
    visit(promotions, "/", "Data set")
    promotions.get_by_role("link", name="Promotions").click()
    expect(promotions.get_by_role("list", name="Promotions")).to_be_visible(timeout=PATIENCE)


@pytest.mark.usefixtures("keep")
def test_a_promotion_tells_what_came_and_what_to_do(promotions: Page, life: Life) -> None:
    summary = promotions.get_by_role("button", name="laptop → staging").first
    expect(summary).to_contain_text("Not finished")
    expect(summary).to_contain_text("2 repositories, 1 image, 1 service, 1 model")
    expect(promotions.get_by_text("idp promote --from laptop --to staging")).to_be_visible()
    commits = promotions.get_by_role("table", name=f"Commits of {PROMOTION}")
    compare = commits.get_by_role("link", name="1a1a1a1a1a → 2b2b2b2b2b")
    change = f"{life.endpoints['gitea']}/idp/platform/compare/{'1a' * 20}...{'2b' * 20}"
    expect(compare).to_have_attribute("href", change)
    services = promotions.get_by_role("list", name="Services")
    expect(services.get_by_role("link", name=SERVICE)).to_be_visible(timeout=PATIENCE)
    models = promotions.get_by_role("list", name="Models")
    expect(models.get_by_role("link", name=MODEL)).to_be_visible(timeout=PATIENCE)
    expect(promotions.get_by_text(UNREADABLE)).to_be_visible()
    expect(promotions.get_by_text("Its record cannot be read").first).to_be_visible()


@pytest.mark.usefixtures("keep")
def test_the_keyboard_opens_and_closes_it(promotions: Page) -> None:
    summary = promotions.get_by_role("button", name="laptop → staging").first
    heading = promotions.get_by_role("heading", name=f"Promotion {PROMOTION}")
    summary.focus()
    promotions.keyboard.press("Enter")
    expect(heading).to_be_hidden()
    expect(summary).to_have_attribute("aria-expanded", "false")
    assert not axe.grave(promotions)
    promotions.keyboard.press("Enter")
    expect(heading).to_be_visible()


@pytest.mark.usefixtures("keep")
@pytest.mark.parametrize("width", [1280, NARROW])
def test_it_is_for_everybody_and_every_screen(promotions: Page, width: int) -> None:
    promotions.set_viewport_size({"width": width, "height": VIEWPORT["height"]})
    try:
        promotions.wait_for_load_state("networkidle", timeout=PATIENCE)
        expect(promotions.get_by_test_id("progress")).to_have_count(0, timeout=PATIENCE)
        found = axe.grave(promotions)
        assert not found, "\n".join(map(str, found))
        assert promotions.evaluate(OVERHANG) <= 0
    finally:
        promotions.set_viewport_size(VIEWPORT)
