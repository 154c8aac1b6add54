"""Golden paths: forms that refuse what cannot work, and scaffolded repositories that do work."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import paths
from bootstrap.portal import ref
from bootstrap.seed import content
from tests import golden_path
from tests.golden_path import GoldenPath

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "cases" / "templates.yaml").read_text())
PATHS = {path.name: path for path in golden_path.golden_paths()}
RUNTIME = "idp.local/ml-runtime:dev"


def form(name: str, change: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in {**CASES[name]["ok"], **change}.items() if value is not None}


def each(part: str) -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{json.dumps(case.get('change', case))}")
        for name in CASES
        for case in CASES[name][part]
    ]


@pytest.fixture(scope="session")
def scaffolded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A function that gives the repository made from a form; each is made once."""
    made: dict[str, Path] = {}

    def repository(name: str, change: dict[str, Any]) -> Path:
        key = f"{name} {change}"
        if key not in made:
            made[key] = PATHS[name].scaffold(form(name, change), tmp_path_factory.mktemp("repository"))
        return made[key]

    return repository


def test_every_golden_path_has_cases() -> None:
    assert set(PATHS) == set(CASES)


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_the_template_is_consistent(path: GoldenPath) -> None:
    template = path.template
    assert (template["apiVersion"], template["kind"]) == ("scaffolder.backstage.io/v1beta3", "Template")
    assert template["metadata"]["name"] == path.name
    assert template["spec"]["owner"].startswith("group:default/")
    for page in path.pages:
        assert set(page.get("required", [])) <= set(page["properties"])
    for field in path.fields.values():
        assert {"title", "type"} <= field.keys()
        assert field.get("default", field.get("enum", [None])[0]) in field.get("enum", [field.get("default")])
        assert len(field.get("enumNames", [])) in (0, len(field.get("enum", [])))
    ids = [step["id"] for step in path.steps]
    assert len(set(ids)) == len(ids)
    assert {step["action"] for step in path.steps} <= golden_path.ACTIONS
    used = golden_path.expressions(template["spec"])
    assert set(re.findall(r"parameters\.(\w+)", used)) <= set(path.fields)
    for number, step in enumerate(path.steps):
        earlier = set(ids[:number])
        assert set(re.findall(r"steps\.(\w+)\.", golden_path.expressions(step))) <= earlier


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_names_are_checked_before_anything_is_made(path: GoldenPath) -> None:
    assert path.steps[0]["action"] == "idp:check-name"


@pytest.mark.parametrize(("name", "case"), each("cases"))
def test_the_form_refuses_what_cannot_work(name: str, case: dict[str, Any]) -> None:
    assert PATHS[name].faults(form(name, case["change"])) == case["refused"]


@pytest.mark.parametrize(("name", "change"), each("scaffold"))
def test_a_scaffolded_repository_is_well_formed(name: str, change: dict[str, Any], scaffolded: Any) -> None:
    repository = scaffolded(name, change)
    for file in (path for path in repository.rglob("*") if path.is_file()):
        text = file.read_text()
        assert not re.search(r"\$\{\{|\{%|\[\[ (facts|images)", text), file
        if file.suffix in {".yaml", ".yml"}:
            list(yaml.safe_load_all(text))
        elif file.suffix == ".json":
            json.loads(text)
        elif file.suffix == ".py":
            ast.parse(text)
    pages = yaml.safe_load((repository / "mkdocs.yml").read_text())["nav"]
    assert all((repository / "docs" / file).is_file() for page in pages for file in page.values())


@pytest.mark.parametrize(("name", "change"), each("scaffold"))
def test_its_entities_are_complete(name: str, change: dict[str, Any], scaffolded: Any) -> None:
    repository, filled = scaffolded(name, change), form(name, change)
    entities = list(yaml.safe_load_all((repository / "catalog-info.yaml").read_text()))
    known = {ref(entity) for entity in entities} | seeded()
    for entity in entities:
        assert entity["spec"]["owner"] == filled["owner"]
        assert set(relations(entity)) <= known, ref(entity)
        text = entity["spec"].get("definition", {}).get("$text")
        assert text is None or (repository / text).is_file()
    kinds = {(entity["kind"], entity["spec"].get("type")) for entity in entities}
    assert {("Component", "ml-pipeline"), ("Resource", "ai-model"), ("Component", "model-server")} <= kinds
    descriptions = {e["metadata"].get("description") for e in entities}
    assert filled["description"] in descriptions


@pytest.mark.parametrize(("name", "change"), each("scaffold"))
def test_kustomize_accepts_the_deployment(name: str, change: dict[str, Any], scaffolded: Any) -> None:
    objects = {(o["kind"], o["metadata"]["name"]): o for o in built(scaffolded(name, change))}
    filled = form(name, change)
    kinds = {kind for kind, _ in objects}
    assert ("HTTPRoute" in kinds) is (filled.get("exposure") != "cluster")
    code = next(n for kind, n in objects if kind == "ConfigMap")
    assert ("Job", code) in objects, "the training job is named after the code it runs"
    for kind in ("Deployment", "Job"):
        workload = next(o for (k, _), o in objects.items() if k == kind)
        pod = workload["spec"]["template"]["spec"]
        container = pod["containers"][0]
        assert container["image"] == golden_path.REFERENCES["ml-runtime"]
        assert {"requests", "limits"} <= container["resources"].keys()
        assert pod["securityContext"]["runAsNonRoot"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert code in [v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v]
    assert {o["metadata"]["namespace"] for o in objects.values()} == {f"ml-{filled['name']}"}


def test_changed_code_is_a_new_job_and_changed_documentation_is_not(scaffolded: Any, tmp_path: Path) -> None:
    repository = shutil.copytree(scaffolded("ml-model-service", {}), tmp_path / "changed")
    job = job_name(repository)
    (repository / "docs" / "index.md").write_text("other words")
    assert job_name(repository) == job
    for file in ("src/model.toml", "src/service.py", "deploy/training.yaml", "deploy/kustomization.yaml"):
        with (repository / file).open("a") as changed:
            changed.write("\n# changed\n")
        assert job_name(repository) != job, file
        job = job_name(repository)


@pytest.mark.engine
@pytest.mark.parametrize(("name", "change"), each("scaffold"))
def test_the_tests_inside_the_repository_pass(name: str, change: dict[str, Any], scaffolded: Any) -> None:
    if not runtime_is_here():
        pytest.skip(f"needs a container engine and the image {RUNTIME}; the end-to-end test trains for real")
    user, mounted = f"{os.getuid()}:{os.getgid()}", f"{scaffolded(name, change)}:/repository:ro"
    run = f"docker run --rm --network none --user {user} -v {mounted} -w /repository {RUNTIME}"
    done = subprocess.run(
        [*run.split(), "python", "-m", "pytest", "-q"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def seeded() -> set[str]:
    """Entities that every platform has, so that golden paths may point to them."""
    tree = content.catalog(golden_path.PLAN, golden_path.REFERENCES)
    return {ref(entity) for entity in content.entities(tree)}


def relations(entity: dict[str, Any]) -> Iterator[str]:
    """References to other entities, in full."""
    spec = entity["spec"]
    yield spec["owner"]
    for key in ("dependsOn", "providesApis", "consumesApis"):
        yield from spec.get(key, [])
    for key in ("system", "domain"):
        if key in spec:
            yield f"{key}:default/{spec[key]}"


def built(repository: Path) -> list[dict[str, Any]]:
    """What Argo CD would apply."""
    kubectl = shutil.which("kubectl", path=f"{paths.tools()}:{os.environ['PATH']}")
    if not kubectl:
        pytest.skip("needs kubectl, which `idp bundle build` provides")
    done = subprocess.run(
        [kubectl, "kustomize", str(repository / "deploy")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def job_name(repository: Path) -> str:
    return str(next(o["metadata"]["name"] for o in built(repository) if o["kind"] == "Job"))


def runtime_is_here() -> bool:
    if not shutil.which("docker"):
        return False
    asked = subprocess.run(["docker", "image", "inspect", RUNTIME], capture_output=True, check=False)
    return asked.returncode == 0
