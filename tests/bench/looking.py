"""How long the portal's pages take until their data is there, in a real browser."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as NotShown

from tests.bench import seeding
from tests.e2e.life import DATASET, MODEL, SERVICE, Life
from tests.portal.browser import PATIENCE, TRUSTING, VIEWPORT, signed_in, started

SAMPLES = 5
BAR = 2.0
PIPELINE, RESOURCE = f"/catalog/default/component/{MODEL}", f"/catalog/default/resource/{MODEL}"
ANSWERER = f"/catalog/default/component/{SERVICE}"
Shown = Callable[[Page], list[Locator]]


def _cell(page: Page, table: str, text: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("table", name=table, exact=True).get_by_text(text).first


def _home(page: Page) -> list[Locator]:
    """What the catalogue knows, and what Workflows, MLflow and Argo CD say of it."""
    return [
        _cell(page, "Pipelines", f"{MODEL} pipeline"),
        _cell(page, "Pipelines", "Succeeded"),
        _cell(page, "Models", re.compile(r"accuracy \d")),
        _cell(page, "Services", "Healthy"),
    ]


#: Where each page is, and what stands on it once its data is there.
PAGES: Mapping[str, tuple[str, Shown]] = {
    "home": ("/", _home),
    "Experiments": (
        f"{PIPELINE}/experiments",
        lambda page: [_cell(page, "Runs", re.compile(f"^{seeding.TAG}-"))],
    ),
    "Model": (
        f"{RESOURCE}/model",
        lambda page: [
            _cell(page, "Versions", "1"),
            page.get_by_role("heading", name="Version 1", exact=True),
        ],
    ),
    "Pipeline": (
        f"{PIPELINE}/pipeline",
        lambda page: [page.get_by_text(re.compile(f"-{seeding.TAG}-")).first],
    ),
    "Deployment": (
        f"{ANSWERER}/deployment",
        lambda page: [page.locator("article").get_by_text("Healthy").first],
    ),
    "Lineage": (
        f"{RESOURCE}/lineage",
        lambda page: [page.get_by_role("link", name=f"{DATASET}, data set").first],
    ),
    "Scorecard": (f"{ANSWERER}/scorecard", lambda page: [page.get_by_text("It says what it is for").first]),
    "Audit": (
        "/audit",
        lambda page: [page.get_by_role("button", name=f"Audit record of {MODEL}", exact=True)],
    ),
}


@dataclass
class Times:
    """Seconds until the data was there: with an empty cache of the browser, and once more with a full one."""

    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)


def measure(life: Life, samples: int = SAMPLES) -> dict[str, Times]:
    """Every page by its address, in turn, so that a busy moment does not hit one alone."""
    found = {name: Times() for name in PAGES}
    with started() as browser:
        with signed_in(browser, life.platform, "data-scientist", "Data Scientist") as tab:
            session = tab.context.storage_state()
            for name in PAGES:
                _seconds(tab, life, name)  # the server is warm, the browser is not
        for _ in range(samples):
            for name, times in found.items():
                context = browser.new_context(
                    ignore_https_errors=TRUSTING, viewport=VIEWPORT, storage_state=session
                )
                tab = context.new_page()
                times.cold.append(_seconds(tab, life, name))
                tab.goto("about:blank")
                times.warm.append(_seconds(tab, life, name))
                session = context.storage_state()
                context.close()
    return found


def _seconds(page: Page, life: Life, name: str) -> float:
    """Endless where the data did not come; the other pages are measured all the same."""
    path, shown = PAGES[name]
    began = time.monotonic()
    try:
        page.goto(f"{life.endpoints['backstage']}{path}", wait_until="commit")
        for each in shown(page):
            each.wait_for(timeout=PATIENCE)
    except NotShown:
        return math.inf
    return time.monotonic() - began
