"""Decisions about models as people see them: on the model's page, and on the auditor's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.life import MODEL, Life
from tests.portal.browser import PATIENCE, signed_in, visit

pytestmark = [pytest.mark.portal, pytest.mark.cluster]

MODEL_TAB = f"/catalog/default/resource/{MODEL}/model"


@pytest.fixture(scope="module")
def page(browser: Browser, life: Life) -> Iterator[Page]:
    """Signed in as somebody who may approve."""
    with signed_in(browser, life.platform, "platform-admin", "Platform Administrator") as tab:
        yield tab


@pytest.mark.usefixtures("keep")
def test_a_version_says_what_it_lacks_and_who_decided(page: Page) -> None:
    visit(page, MODEL_TAB, "Governance of version")
    checks = page.get_by_role("list", name="Checks")
    expect(checks.get_by_text("The quality gate let it pass: yes")).to_be_visible(timeout=PATIENCE)
    expect(checks.get_by_text("Its author is known: yes")).to_be_visible()


@pytest.mark.usefixtures("keep")
def test_audit_shows_the_record_and_hands_it_out(page: Page) -> None:
    visit(page, "/audit", "Promoted by")
    page.get_by_role("button", name=f"Audit record of {MODEL}").click()
    expect(page.get_by_role("heading", name=f"Audit record of {MODEL}")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("region", name="Version 1", exact=True)).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as JSON").click()
    assert download.value.suggested_filename == f"audit-{MODEL}.json"
