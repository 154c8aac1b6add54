"""What ran, what it said, and what is deployed, on the pages of the story of a model."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.life import FINISHED, MODEL, SERVICE, Life, eventually
from tests.portal.browser import PATIENCE, visit

pytestmark = [pytest.mark.portal, pytest.mark.cluster, pytest.mark.usefixtures("life", "keep")]

PIPELINE_TAB = f"/catalog/default/component/{MODEL}/pipeline"
DEPLOYMENT_TAB = f"/catalog/default/component/{SERVICE}/deployment"


def test_pipeline_shows_runs_steps_and_a_log(page: Page, life: Life) -> None:
    life.finished(MODEL, 1, 420)
    visit(page, PIPELINE_TAB, "Started by")
    runs = page.get_by_role("table", name="Runs")
    oldest = life.runs(MODEL)[-1]["metadata"]["name"]
    runs.get_by_role("button", name=oldest).click()
    steps = page.get_by_role("table", name=f"Steps of {oldest}")
    expect(steps.get_by_role("cell", name="register", exact=True)).to_be_visible(timeout=PATIENCE)
    steps.get_by_role("button", name="Log of register").click()
    log = page.get_by_role("region", name="Log of register")
    expect(log.locator("pre")).to_contain_text("registered", timeout=PATIENCE)


def test_a_run_is_started_by_its_button(page: Page, life: Life) -> None:
    visit(page, PIPELINE_TAB, "Started by")
    page.get_by_role("button", name="Run pipeline").click()
    run = f"{MODEL}-manual-"
    expect(page.get_by_role("heading", name=re.compile(f"Steps of {run}"))).to_be_visible(timeout=PATIENCE)

    def made() -> dict[str, Any]:
        return next(found for found in life.runs(MODEL) if found["metadata"]["name"].startswith(run))

    assert made()["metadata"]["annotations"]["idp.dev/started-by"] == "user:default/data-scientist"
    eventually("it ends", lambda: made().get("status", {}).get("phase") in FINISHED, 240)


def test_deployment_shows_history_and_parts(page: Page, life: Life) -> None:
    visit(page, DEPLOYMENT_TAB, "Healthy")
    expect(page.get_by_role("table", name="History")).to_be_visible(timeout=PATIENCE)
    parts = page.get_by_role("table", name="What it is made of")
    expect(parts.get_by_role("cell", name="Deployment", exact=True)).to_be_visible()
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("Argo CD compares with Git now.")).to_be_visible(timeout=PATIENCE)


def test_a_service_is_rolled_back_by_a_commit(page: Page, life: Life) -> None:
    def revision() -> str:
        query = (
            "get",
            "application",
            SERVICE,
            "-n",
            "argocd",
            "-o",
            "jsonpath={.status.history[-1:].revision}",
        )
        return life.kubectl(*query)

    first = revision()
    life.change(SERVICE, "src/service.toml", ("[log]", "# A note\n[log]"))
    eventually("the change is deployed", lambda: revision() != first, 120)

    second = revision()
    visit(page, DEPLOYMENT_TAB, "Healthy")
    page.get_by_role("button", name=f"Roll back to {first[:10]}").click(timeout=PATIENCE)
    page.get_by_role("button", name="Roll back", exact=True).click()
    commit = page.get_by_role("link", name=re.compile("^commit "))
    expect(commit).to_be_visible(timeout=PATIENCE)

    eventually("the old state is deployed again", lambda: revision() != second, 120)
    url = f"{life.endpoints['gitea']}/api/v1/repos/ml/{SERVICE}/contents/src/service.toml"
    login = ("data-scientist", life.platform.password("data-scientist"))
    content = base64.b64decode(life.http.get(url, auth=login).json()["content"]).decode()
    assert "# A note" not in content
