"""Systems behind the portal are stopped: their pages say so, and the rest works."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.life import MODEL, SERVICE, Life, eventually
from tests.portal.browser import PATIENCE, visit

pytestmark = [pytest.mark.portal, pytest.mark.cluster, pytest.mark.late]

#: Argo CD first: it would start the others again.
SYSTEMS = [
    ("argocd", "statefulset/argocd-application-controller"),
    ("mlflow", "deployment/mlflow"),
    ("workflows", "deployment/workflow-controller"),
]
NO_MLFLOW = "MLflow does not answer"
PAGES = {
    "experiments": (f"/catalog/default/component/{MODEL}/experiments", NO_MLFLOW),
    "model": (f"/catalog/default/resource/{MODEL}/model", NO_MLFLOW),
    "audit": ("/audit", NO_MLFLOW),
    "pipeline": (f"/catalog/default/component/{MODEL}/pipeline", "Argo Workflows does not run"),
    "deployment": (f"/catalog/default/component/{SERVICE}/deployment", "Argo CD does not run"),
    "overview": (f"/catalog/default/component/{SERVICE}", "Argo CD does not run"),
}


@pytest.fixture(scope="module")
def stopped(life: Life) -> Iterator[None]:
    """Three systems without a pod; back in the end."""
    try:
        for namespace, workload in SYSTEMS:
            life.kubectl("scale", "-n", namespace, workload, "--replicas=0")
        for namespace, workload in SYSTEMS:
            eventually(f"{workload} is gone", partial(has, life, namespace, workload, ""), 60)
        yield
    finally:
        for namespace, workload in reversed(SYSTEMS):
            life.kubectl("scale", "-n", namespace, workload, "--replicas=1")
        for namespace, workload in SYSTEMS:
            eventually(f"{workload} is back", partial(has, life, namespace, workload, "1"), 180)


def has(life: Life, namespace: str, workload: str, pods: str) -> bool:
    ready = "jsonpath={.status.readyReplicas}"
    return life.kubectl("get", "-n", namespace, workload, "-o", ready) == pods


@pytest.mark.usefixtures("stopped", "keep")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_who_does_not_answer(page: Page, name: str) -> None:
    path, words = PAGES[name]
    origin = page.evaluate("location.origin")

    def said() -> bool:
        page.goto(f"{origin}{path}")
        page.wait_for_timeout(3_000)
        return page.get_by_text(words).count() > 0

    eventually(f"the page says: {words}", said, 90)  # what was remembered is shown for some seconds
    expect(page.get_by_text("The rest of the portal works.").first).to_be_visible()


@pytest.mark.usefixtures("stopped", "keep")
def test_the_rest_of_the_portal_works(page: Page) -> None:
    visit(page, "/", "Start something new")
    expect(page.get_by_text("Model service").first).to_be_visible(timeout=PATIENCE)
    visit(page, f"/catalog/default/resource/{MODEL}/lineage", "What it comes from")
    visit(page, f"/docs/default/component/{SERVICE}", SERVICE)
    visit(page, f"/search?query={MODEL}", "Result Type")
