"""The home page of a team, and the way from a model back to its data."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.life import DATASET, MODEL, SERVICE, Life, eventually
from tests.golden_path import golden_paths
from tests.portal.browser import PATIENCE, visit

pytestmark = [pytest.mark.portal, pytest.mark.cluster, pytest.mark.usefixtures("life", "keep")]

#: Something elsewhere that asks the service; the catalogue knows it by the golden path for such.
CONSUMER = "pump-alarms"


@pytest.fixture(scope="module")
def consumer(life: Life) -> str:
    api = f"api:default/{SERVICE}"
    where = {"type": "saas", "url": "https://alarms.example.org", "api": "none", "lifecycle": "production"}
    life.scaffold("external-system", name=CONSUMER, consumesApis=[api], **where)

    def known() -> bool:
        relations = (life.portal.entity(api) or {}).get("relations", [])
        return any(r["type"] == "apiConsumedBy" and r["targetRef"].endswith(CONSUMER) for r in relations)

    eventually("the catalogue knows who asks the service", known, 120)
    return CONSUMER


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


def test_home_says_how_each_of_them_does(page: Page) -> None:
    visit(page, "/", "Needs attention")
    for table, name, column in [
        ("Pipelines", f"{MODEL} pipeline", 1),
        ("Models", f"{MODEL} model", 2),
        ("Models", f"{MODEL} model", 3),
        ("Services", SERVICE, 1),
        ("Documentation", DATASET, 1),
    ]:
        row = page.get_by_role("table", name=table, exact=True).get_by_role("row").filter(has_text=name)
        expect(row.get_by_role("cell").nth(column)).not_to_be_empty(timeout=PATIENCE)


def test_home_leads_to_every_golden_path(page: Page) -> None:
    visit(page, "/", "Start something new")
    paths = golden_paths()
    assert len(paths) == 8
    for name, path in paths.items():
        title = path.template["metadata"]["title"]
        link = page.locator("main").get_by_role("link", name=title, exact=True).first
        expect(link).to_have_attribute("href", f"/create/templates/default/{name}", timeout=PATIENCE)


def test_home_shows_everybodys_on_demand(page: Page) -> None:
    visit(page, "/", "Needs attention")
    page.get_by_role("button", name="Everybody").click()
    services = page.get_by_role("table", name="Services", exact=True)
    expect(services.get_by_role("link", name="Argo CD")).to_be_visible(timeout=PATIENCE)


def test_lineage_goes_back_to_the_data_and_on_to_who_asks(page: Page, consumer: str) -> None:
    visit(page, f"/catalog/default/resource/{MODEL}/lineage", "What it comes from")
    picture = page.get_by_role("group", name=f"Lineage of {MODEL} model")
    for name in (
        f"{DATASET}, data set",
        f"{MODEL} pipeline, pipeline",
        f"{SERVICE}, service",
        f"{SERVICE}, API",
        f"{consumer}, saas, external",
    ):
        expect(picture.get_by_role("link", name=name)).to_be_visible(timeout=PATIENCE)
    picture.get_by_role("link", name=f"{DATASET}, data set").click()
    users = page.get_by_role("table", name="What depends on it")
    for name in (f"{MODEL} model", SERVICE, consumer):
        expect(users.get_by_role("link", name=name, exact=True).first).to_be_visible(timeout=PATIENCE)
