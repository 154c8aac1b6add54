"""What an entry has and lacks, on its own page, with what the story of a model has left."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.life import MODEL, Life
from tests.portal.browser import PATIENCE, visit

pytestmark = [pytest.mark.portal, pytest.mark.cluster]

MODEL_PAGE = f"/catalog/default/resource/{MODEL}"


@pytest.mark.usefixtures("keep")
def test_scorecard_says_why_and_leads_there(page: Page, life: Life) -> None:
    life.finished(MODEL, 1, 420)
    visit(page, MODEL_PAGE, "All checks")
    expect(page.get_by_text("checks hold").first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="All checks", exact=True).click()

    expect(page.get_by_role("heading", name="Fine", exact=True)).to_be_visible(timeout=PATIENCE)
    fine = page.get_by_role("list", name="Fine", exact=True)
    expect(fine.get_by_text("A group owns it: yes")).to_be_visible()
    expect(fine.get_by_text("Its data can be traced: yes")).to_be_visible()

    owner = page.get_by_role("link", name="The owner – A group owns it", exact=True)
    expect(owner).to_have_attribute("href", "/catalog/default/group/ml-team")
    lineage = page.get_by_role("link", name="The lineage – Its data can be traced", exact=True)
    expect(lineage).to_have_attribute("href", f"{MODEL_PAGE}/lineage")
    repository = f"{life.endpoints['gitea']}/ml/{MODEL}"
    expect(page.locator(f"a[href^='{repository}']", has_text="In the repository").first).to_be_visible()
