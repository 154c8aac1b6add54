"""Rendering: facts in, labelled manifests out; a mistake names its file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bootstrap import plan, render
from bootstrap.definitions import PackageChoice, PackageDefinition, StackDefinition
from bootstrap.errors import IdpError
from bootstrap.model import Plan, Target


def planned(folder: Path) -> Plan:
    definition = StackDefinition(
        description="",
        packages={"web": PackageChoice()},
        sizes={"default": {"cpus": 1, "memory_gib": 1, "disk_gib": 1}},  # type: ignore[dict-item]
    )
    contract = PackageDefinition(description="", version="1", settings={"greeting": "hello"})
    return plan.resolve("s", definition, {"web": contract}, folder, Target("local", "demo"))


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def rendered(folder: Path) -> dict[str, str]:
    the_plan, references = planned(folder), {"my-image": "idp.local/my-image@sha256:1"}
    return dict(render.package(the_plan, the_plan.package("web"), references))


def test_facts_settings_and_images_are_filled_in_and_objects_labelled(tmp_path: Path) -> None:
    write(
        tmp_path / "web/manifests/config.yaml.j2",
        "kind: ConfigMap\nmetadata: {name: a}\n"
        'data: {u: "[[ facts.url(\'web\') ]]", g: "[[ settings.greeting ]]", i: "[[ images.my_image ]]"}\n',
    )
    document = yaml.safe_load(rendered(tmp_path)["config.yaml"])
    assert document["data"] == {
        "u": "https://web.demo.localhost:8443",
        "g": "hello",
        "i": "idp.local/my-image@sha256:1",
    }
    assert document["metadata"]["labels"] == {"app.kubernetes.io/part-of": "idp", "idp.dev/package": "web"}


def test_an_overlay_replaces_the_manifest_of_its_name_and_adds_others(tmp_path: Path) -> None:
    write(tmp_path / "web/manifests/service.yaml", "kind: Service\nmetadata: {name: base}\n")
    write(
        tmp_path / "web/overlays/gateway_class/traefik/service.yaml.j2",
        "kind: Service\nmetadata: {name: fits}\n",
    )
    write(
        tmp_path / "web/overlays/database/in-cluster/extra.yaml", "kind: Service\nmetadata: {name: extra}\n"
    )
    write(
        tmp_path / "web/overlays/gateway_class/eks-alb/service.yaml",
        "kind: Service\nmetadata: {name: other}\n",
    )
    names = [yaml.safe_load(text)["metadata"]["name"] for text in rendered(tmp_path).values()]
    assert names == ["extra", "fits"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a: [[ facts.nothing ]]\n", "IDP-A005"),
        ("a: [[ facts.name\n", "IDP-A005"),
        ("a: {b: [[ facts.name ]]\n", "IDP-A006"),
    ],
)
def test_mistakes_name_the_file(tmp_path: Path, content: str, code: str) -> None:
    write(tmp_path / "web/manifests/bad.yaml.j2", content)
    with pytest.raises(IdpError) as caught:
        rendered(tmp_path)
    assert caught.value.code == code
    assert "bad.yaml" in caught.value.what


def test_a_package_sees_what_the_others_of_the_stack_offer(tmp_path: Path) -> None:
    packages = {
        "web": {"host": "web", "title": "Web"},
        "mlflow": {"host": "mlflow", "title": "MLflow", "service": "http://mlflow.mlflow.svc:5000"},
    }
    definition = StackDefinition(
        description="",
        packages=dict.fromkeys(packages),
        sizes={"default": {"cpus": 1, "memory_gib": 1, "disk_gib": 1}},  # type: ignore[dict-item]
    )
    contracts = {
        name: PackageDefinition.model_validate({"description": "", "version": "1", "endpoint": endpoint})
        for name, endpoint in packages.items()
    }
    resolved = plan.resolve("s", definition, contracts, tmp_path, Target("local", "demo"))
    assert resolved.offers == {
        "web": {"title": "Web", "url": "https://web.demo.localhost:8443"},
        "mlflow": {
            "title": "MLflow",
            "url": "https://mlflow.demo.localhost:8443",
            "service": "http://mlflow.mlflow.svc:5000",
        },
    }
