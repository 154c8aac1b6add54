"""The home page of a team, and the way from a model back to its data."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.life import DATASET, MODEL, SERVICE
from tests.portal.browser import PATIENCE, visit

pytestmark = [pytest.mark.portal, pytest.mark.cluster, pytest.mark.usefixtures("life", "keep")]


def test_home_shows_what_a_team_has(page: Page) -> None:
    visit(page, "/", "Needs attention")
    for table, name in [
        ("Pipelines", f"{MODEL} pipeline"),
        ("Models", f"{MODEL} model"),
        ("Services", SERVICE),
        ("Systems", MODEL),
        ("Documentation", DATASET),
    ]:
        rows = page.get_by_role("table", name=table, exact=True)
        expect(rows.get_by_role("link", name=name, exact=True)).to_be_visible(timeout=PATIENCE)


def test_home_shows_everybodys_on_demand(page: Page) -> None:
    visit(page, "/", "Needs attention")
    page.get_by_role("button", name="Everybody").click()
    services = page.get_by_role("table", name="Services", exact=True)
    expect(services.get_by_role("link", name="Argo CD")).to_be_visible(timeout=PATIENCE)


def test_lineage_goes_back_to_the_data_and_on_to_the_service(page: Page) -> None:
    visit(page, f"/catalog/default/resource/{MODEL}/lineage", "What it comes from")
    picture = page.get_by_role("group", name=f"Lineage of {MODEL} model")
    for name in (
        f"{DATASET}, data set",
        f"{MODEL} pipeline, pipeline",
        f"{SERVICE}, service",
        f"{SERVICE}, API",
    ):
        expect(picture.get_by_role("link", name=name)).to_be_visible(timeout=PATIENCE)
    picture.get_by_role("link", name=f"{DATASET}, data set").click()
    users = page.get_by_role("table", name="What depends on it")
    expect(users.get_by_role("link", name=f"{MODEL} model")).to_be_visible(timeout=PATIENCE)
