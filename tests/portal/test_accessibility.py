"""The portal with the keyboard, and what axe finds on its pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.life import MODEL, SERVICE
from tests.portal import axe
from tests.portal.browser import PATIENCE, visit

PIPELINE = f"/catalog/default/component/{MODEL}"
#: Every page, and a text that stands on it only once its data is there.
PAGES: dict[str, tuple[str, str | re.Pattern[str]]] = {
    "home": ("/", f"{MODEL} pipeline"),
    "catalogue": ("/catalog?filters[user]=all", "Git hosting and the platform's identity provider"),
    "overview": (f"/catalog/default/component/{SERVICE}", "Pumps"),
    "experiments": (f"{PIPELINE}/experiments", f"Experiment {MODEL} in MLflow"),
    "pipeline": (f"{PIPELINE}/pipeline", re.compile(rf"^{MODEL}-\w+")),
    "model": (f"/catalog/default/resource/{MODEL}/model", f"Model {MODEL} in MLflow"),
    "deployment": (f"/catalog/default/component/{SERVICE}/deployment", "Synced"),
    "lineage": (f"/catalog/default/resource/{MODEL}/lineage", "What it comes from"),
    "scorecard": (f"/catalog/default/component/{SERVICE}/scorecard", "It says what it is for"),
    "audit": ("/audit", f"Audit record of {MODEL}"),
}
#: Not ours to mend: in Backstage's table of the catalogue, headings that sort hold what drags columns.
UPSTREAM = {"catalogue": {"nested-interactive"}}
#: Enough to pass the side bar and the search; who needs more is lost.
MOST_STEPS = 60
FOCUSED = """() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const near = element.closest('button, a, [role=button], .MuiButtonBase-root') ?? element;
    const words = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim();
    const ring = style.outlineStyle !== 'none' && style.outlineWidth !== '0px';
    const ripple = near.matches('.Mui-focusVisible') || near.querySelector('.MuiTouchRipple-ripplePulsate');
    return {words, visible: ring || Boolean(ripple) || style.boxShadow !== 'none'};
}"""


def test_only_grave_findings_count() -> None:
    nodes = [{"target": ["#a"]}, {"target": ["main", "p"]}]
    violations = [
        {"id": "color-contrast", "impact": "serious", "help": "too pale", "nodes": nodes},
        {"id": "region", "impact": "moderate", "help": "no landmark", "nodes": nodes},
    ]
    assert [str(found) for found in axe.findings(violations)] == [
        "serious color-contrast at #a: too pale",
        "serious color-contrast at main p: too pale",
    ]


@pytest.mark.portal
@pytest.mark.cluster
@pytest.mark.usefixtures("life", "keep")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_grave_findings(page: Page, name: str) -> None:
    path, text = PAGES[name]
    visit(page, path, text)
    page.wait_for_load_state("networkidle", timeout=PATIENCE)
    expect(page.get_by_test_id("progress")).to_have_count(0, timeout=PATIENCE)

    found = [finding for finding in axe.grave(page) if finding.rule not in UPSTREAM.get(name, ())]

    assert not found, "\n".join(map(str, found))


@pytest.mark.portal
@pytest.mark.cluster
@pytest.mark.usefixtures("life", "keep")
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("home", ["My team", "Everybody", "Model service"]),
        ("lineage", [f"{MODEL} pipeline, pipeline", f"{MODEL} model, model"]),
    ],
)
def test_the_keyboard_reaches_what_matters_and_shows_where_it_is(
    page: Page, name: str, wanted: list[str]
) -> None:
    path, text = PAGES[name]
    visit(page, path, text)
    page.wait_for_load_state("networkidle", timeout=PATIENCE)

    reached = walk(page)

    for words in wanted:
        matching = [visible for said, visible in reached if said.startswith(words)]
        assert matching, f"Tab does not reach {words!r}, only {[said for said, _ in reached]}"
        assert all(matching), f"the focus on {words!r} cannot be seen"


def walk(page: Page) -> list[tuple[str, bool]]:
    """What has the focus after each press of Tab, and whether one sees it."""
    found = []
    page.locator("body").focus()
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        page.wait_for_timeout(50)  # focus rings fade in
        focused = page.evaluate(FOCUSED)
        found.append((focused["words"], focused["visible"]))
    return found
