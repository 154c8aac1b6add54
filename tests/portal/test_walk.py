"""A user's walk through the portal in a real browser; screenshots of every page stay to be looked at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.portal.browser import PATIENCE, visit

pytestmark = [pytest.mark.portal, pytest.mark.cluster]


@pytest.mark.usefixtures("keep")
def test_home_greets_the_user_and_leads_to_all_golden_paths(page: Page) -> None:
    visit(page, "/", "Data set")
    page.get_by_role("link", name="All templates").click()
    expect(page.get_by_text("Model service").first).to_be_visible(timeout=PATIENCE)


@pytest.mark.usefixtures("keep")
def test_catalogue_lists_the_platform(page: Page) -> None:
    visit(page, "/catalog?filters[user]=all", "Gitea")


@pytest.mark.usefixtures("keep")
def test_template_form_refuses_a_bad_name(page: Page) -> None:
    visit(page, "/create/templates/default/ml-model-service", "The service")
    page.get_by_label("Name").first.fill("Not A Name")
    page.get_by_label("Description").first.fill("Irises, for gardeners")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("must match pattern").or_(page.get_by_text("must not")).first).to_be_visible()


@pytest.mark.usefixtures("keep")
def test_docs_render(page: Page) -> None:
    visit(page, "/docs/default/component/handbook", "Your first model")


@pytest.mark.usefixtures("keep")
def test_kubernetes_tab_shows_pods(page: Page) -> None:
    visit(page, "/catalog/default/component/gitea/kubernetes", "No pods with errors")
    page.get_by_role("button", name="Cluster").click()
    page.get_by_text("No pods with errors").nth(1).click()  # the name itself opens a drawer
    expect(page.get_by_text("gitea-0").first).to_be_visible(timeout=PATIENCE)


@pytest.mark.usefixtures("keep")
def test_search_finds_documentation(page: Page) -> None:
    visit(page, "/search?query=handbook", "Handbook")
