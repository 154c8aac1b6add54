"""What gitops commits, what the seed holds, what secrets and readiness decide: values from values."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import gitops, paths, ready, secrets, status
from bootstrap.errors import IdpError
from bootstrap.model import Check, Endpoint, Facts, Package, Plan, Requirements, SecretKey, SecretSpec, Target
from bootstrap.seed import content

FACTS = Facts(
    name="demo",
    domain="demo.localhost",
    https_port=8443,
    gateway_class="traefik",
    storage_class="standard",
    registry="idp.local",
    database_host="postgres.postgres.svc",
    objectstore_endpoint="http://objectstore.objectstore.svc:9000",
    size="small",
)
APPLICATION = "kind: Application\nmetadata: {name: [[ package.name ]], namespace: argocd}\n"
ROOTS = (
    "kind: Application\nmetadata: {name: platform}\n---\nkind: Application\nmetadata: {name: deployments}\n"
)
COMPONENT = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {}}}\n"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    def package(name: str, **given: Any) -> Package:
        (tmp_path / name / "manifests").mkdir(parents=True)
        (tmp_path / name / "manifests" / "deployment.yaml").write_text("kind: Deployment\n")
        return Package(name, tmp_path / name, name, "", "1.0", **given)

    login = {"username": SecretKey(value="data-scientist"), "password": SecretKey(generate="password")}
    argocd = package("argocd")
    (argocd.folder / "application.yaml.j2").write_text(APPLICATION)
    (argocd.folder / "roots.yaml.j2").write_text(ROOTS)
    gitea = package(
        "gitea",
        endpoint=Endpoint("gitea", "Gitea"),
        secrets=(SecretSpec("data-scientist", login, show="Data scientist", also=("backstage",)),),
    )
    packages = (gitea, argocd)
    return Plan("reference", Target("local", "demo"), FACTS, packages, Requirements(1, 1, 1))


def test_the_platform_repository_holds_applications_packages_and_their_origin(plan: Plan) -> None:
    files = gitops.platform_files(plan, {"gitea": {"deployment.yaml": "kind: Deployment\n"}}, "sha256:abc")
    assert set(files) == {
        "README.md",
        "applications/argocd.yaml",
        "applications/gitea.yaml",
        "packages/gitea/deployment.yaml",
        "platform.yaml",
    }
    assert yaml.safe_load(files["applications/gitea.yaml"])["metadata"]["name"] == "gitea"
    origin = yaml.safe_load(files["platform.yaml"])
    assert (origin["bundle"], origin["packages"]) == ("sha256:abc", {"gitea": "1.0", "argocd": "1.0"})


def test_what_the_target_offers_itself_is_not_deployed(plan: Plan) -> None:
    (plan.package("gitea").folder / "manifests" / "deployment.yaml").unlink()
    files = gitops.platform_files(plan, {"gitea": {}}, "sha256:abc")
    assert "applications/gitea.yaml" not in files
    assert "gitea" in yaml.safe_load(files["platform.yaml"])["packages"]


def test_roots_come_from_the_package_that_delivers(plan: Plan) -> None:
    assert [root["metadata"]["name"] for root in gitops.roots(plan)] == ["platform", "deployments"]


def test_a_stack_without_delivery_is_refused(plan: Plan) -> None:
    (plan.package("argocd").folder / "application.yaml.j2").unlink()
    with pytest.raises(IdpError, match="IDP-G003"):
        gitops.roots(plan)


def test_each_package_brings_its_entities_and_pages(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    catalog, folder = tmp_path / "catalog", plan.package("gitea").folder
    (catalog / "people").mkdir(parents=True)
    (catalog / "org.yaml.j2").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: [[ facts.name ]]-team}\n"
    )
    (catalog / "mkdocs.yml").write_text("site_name: x\n")
    (folder / "docs").mkdir()
    (folder / "docs/index.md").write_text("# Gitea\n")
    (folder / "image").mkdir()
    (folder / "image/Dockerfile").write_text("FROM scratch\n")
    (folder / "catalog-info.yaml").write_text(COMPONENT.format("gitea"))
    monkeypatch.setattr(content, "_CATALOG", catalog)
    files = content.catalog(plan, {})
    assert set(files) == {
        "all.yaml",
        "mkdocs.yml",
        "org.yaml",
        "packages/gitea/catalog-info.yaml",
        "packages/gitea/docs/index.md",
    }
    found = {(e["kind"], e["metadata"]["name"]) for e in content.entities(files)}
    assert found == {("Location", "platform-catalog"), ("Group", "demo-team"), ("Component", "gitea")}


def test_locations_are_followed_inside_the_repository_only() -> None:
    location = (
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: {}}}\nspec: {{targets: {}}}\n"
    )
    files = {
        "all.yaml": location.format(
            "all", "[./a/inner.yaml, 'https://elsewhere/x.yaml', ./missing.yaml]"
        ).encode(),
        "a/inner.yaml": location.format("inner", "[../b.yaml]").encode(),
        "b.yaml": (COMPONENT.format("one") + "---\n" + COMPONENT.format("two")).encode(),
        "c.yaml": COMPONENT.format("unnamed").encode(),
    }
    assert [e["metadata"]["name"] for e in content.entities(files)] == ["all", "inner", "one", "two"]


def test_templates_are_listed_and_skeletons_are_not(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    (folder / "path/skeleton").mkdir(parents=True)
    template = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: path}\n"
    (folder / "path/template.yaml.j2").write_text(template + "url: [[ facts.url('gitea') ]]\n")
    (folder / "path/skeleton/catalog-info.yaml").write_text("name: ${{ values.name }}\n")
    (folder / "path/skeleton/.gitignore").write_text("*.pyc\n")
    (folder / "other").mkdir()
    (folder / "other/template.yaml.j2").write_text(template + "image: [[ images.absent ]]\n")
    monkeypatch.setattr(paths, "templates", lambda: folder)
    files = content.templates(plan, {})
    assert yaml.safe_load(files["all.yaml"])["spec"]["targets"] == ["./path/template.yaml"]
    assert files["path/template.yaml"].endswith(b"url: https://gitea.demo.localhost:8443\n")
    assert files["path/skeleton/catalog-info.yaml"] == b"name: ${{ values.name }}\n"
    assert "path/skeleton/.gitignore" in files


def shown(name: str, namespace: str, title: str | None = None) -> dict[str, Any]:
    values = {"username": "data-scientist", "password": "pw"}
    return {
        "metadata": {
            "name": name,
            "namespace": namespace,
            "annotations": {"idp.dev/show": title} if title else None,
        },
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()},
    }


def test_secrets_show_each_login_once_with_the_page_it_opens(plan: Plan) -> None:
    found = [
        shown("data-scientist", "backstage", "Data scientist"),
        shown("data-scientist", "gitea", "Data scientist"),
        shown("database-gitea", "gitea"),
    ]
    assert secrets.rows(plan, found) == [
        {
            "title": "Data scientist",
            "username": "data-scientist",
            "password": "pw",
            "url": "https://gitea.demo.localhost:8443",
        }
    ]


def application(
    name: str, health: str = "Healthy", *, own: bool = True, package: bool = True
) -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "idp"} if own else {}
    labels |= {"idp.dev/package": name} if own and package else {}
    return {
        "metadata": {"name": name, "labels": labels},
        "status": {"sync": {"status": "Synced"}, "health": {"status": health}},
    }


@pytest.mark.parametrize(
    ("applications", "complaints"),
    [
        ([application("gitea"), application("deployments", package=False)], []),
        ([application("gitea", "Degraded")], ["gitea"]),
        ([application("deployments", "Progressing", package=False)], ["deployments"]),
        (
            [
                application("deployments", "Degraded", package=False),
                application("iris", "Degraded", own=False),
            ],
            [],
        ),
        ([application("gitea", "Degraded"), application("iris", "Degraded", own=False)], ["gitea"]),
    ],
)
def test_a_users_broken_service_does_not_make_the_platform_unready(
    applications: list[dict[str, Any]], complaints: list[str]
) -> None:
    assert [text.split()[0] for text in ready.platform_complaints(applications)] == complaints


def test_status_is_ready_only_when_every_check_is(plan: Plan) -> None:
    good, bad = Check("gitea", True, ""), Check("search", False, "")
    assert status.summary(plan, [good], []).ready
    assert not status.summary(plan, [good, bad], []).ready
    assert not status.summary(plan, [], []).ready
    assert status.summary(plan, [good], []).endpoints == {"gitea": "https://gitea.demo.localhost:8443"}
