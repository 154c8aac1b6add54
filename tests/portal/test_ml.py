"""Experiments and models on the pages of their entities, with what the story of a model has left."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.life import DATASET, MODEL, Life, eventually
from tests.portal.browser import PATIENCE, visit

pytestmark = [pytest.mark.portal, pytest.mark.cluster]

PIPELINE_PAGE, MODEL_PAGE = f"/catalog/default/component/{MODEL}", f"/catalog/default/resource/{MODEL}"


@pytest.fixture(scope="module")
def trained(life: Life) -> Life:
    """The pipeline has run at least once, and left a version."""
    life.finished(MODEL, 1, 420)
    return life


@pytest.mark.usefixtures("keep")
def test_experiments_compare_and_draw_runs(page: Page, trained: Life) -> None:
    visit(page, f"{PIPELINE_PAGE}/experiments", f"Experiment {MODEL} in MLflow")
    runs = page.get_by_role("table", name="Runs", exact=True)
    first = runs.get_by_role("row").nth(1).get_by_role("link")
    expect(first).to_have_attribute("href", re.compile(re.escape(trained.endpoints["mlflow"])))

    runs.get_by_role("button", name="accuracy", exact=True).click()
    heading = runs.get_by_role("columnheader", name="accuracy", exact=True)
    expect(heading).to_have_attribute("aria-sort", "descending")

    for number in (0, 1):
        runs.get_by_role("checkbox").nth(number).check()
    compared = page.get_by_role("table", name="Comparison of runs")
    expect(compared.get_by_text("differs", exact=True).first).to_be_visible()
    expect(page.get_by_role("img", name="accuracy of ")).to_be_visible()


@pytest.mark.usefixtures("keep")
def test_experiments_are_reached_by_the_keyboard(page: Page, trained: Life) -> None:
    visit(page, f"{PIPELINE_PAGE}/experiments", f"Experiment {MODEL} in MLflow")
    page.get_by_role("button", name="Columns").focus()
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="rows_test (metric)").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    runs = page.get_by_role("table", name="Runs", exact=True)
    expect(runs.get_by_role("columnheader", name="rows_test")).to_be_visible()


@pytest.mark.usefixtures("keep")
def test_model_shows_versions_with_their_evidence(page: Page, trained: Life) -> None:
    visit(page, f"{MODEL_PAGE}/model?version=1", f"Model {MODEL} in MLflow")
    expect(page.get_by_role("heading", name="Version 1", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Model card", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("cell", name="accuracy").first).to_be_visible()

    plot = page.get_by_role("img", name="Bars: loss of accuracy of version 1")
    expect(plot).to_be_visible(timeout=PATIENCE)
    assert plot.evaluate("picture => picture.naturalWidth") > 100
    expect(page.get_by_role("img", name="Confusion matrix of version 1")).to_be_visible(timeout=PATIENCE)

    gitea = trained.endpoints["gitea"]
    commits = page.locator(f"a[href^='{gitea}/ml/{MODEL}/commit/']")
    expect(commits.first).to_be_visible()
    expect(page.get_by_role("link", name=DATASET, exact=True).first).to_have_attribute(
        "href", f"/catalog/default/resource/{DATASET}"
    )
    expect(page.locator(f"a[href^='{gitea}/ml/{DATASET}/commit/']").first).to_be_visible()
    expect(page.locator(f"a[href='{PIPELINE_PAGE}/pipeline']").first).to_be_visible()


@pytest.mark.usefixtures("keep")
def test_overview_leads_to_the_model(page: Page, trained: Life) -> None:
    visit(page, MODEL_PAGE, f"All about {MODEL}")
    page.get_by_role("link", name=f"All about {MODEL}").click()
    expect(page.get_by_role("table", name="Versions")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("kind", "leads_to"),
    [("model", f"{MODEL_PAGE}/model"), ("experiment", f"{PIPELINE_PAGE}/experiments")],
    ids=["model", "experiment"],
)
@pytest.mark.usefixtures("keep")
def test_search_finds(page: Page, trained: Life, kind: str, leads_to: str) -> None:
    origin = page.evaluate("location.origin")
    result = page.locator(f"a[href='{leads_to}']").first

    def found() -> bool:
        page.goto(f"{origin}/search?query={MODEL}&types[]={kind}")
        page.get_by_text("Result Type").first.wait_for()
        page.wait_for_timeout(2_000)
        return result.count() > 0

    eventually(f"search finds the {kind}", found, 120)
    expect(page.get_by_text(f"{kind.capitalize()}s", exact=True).first).to_be_visible()
