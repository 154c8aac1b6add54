"""Golden paths: forms that refuse what cannot work, and scaffolded repositories that do work."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import preview, shell
from bootstrap.bundle import engine
from bootstrap.errors import IdpError
from bootstrap.goldenpath import delivery, form, lint, review, shelf, trial
from bootstrap.goldenpath.path import GoldenPath
from tests import golden_path

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "cases" / "templates.yaml").read_text())
PATHS = golden_path.golden_paths()


def values(name: str, change: dict[str, Any]) -> dict[str, Any]:
    """The example with some fields changed; null removes one."""
    changed = {**PATHS[name].example, **change}
    return {field: value for field, value in changed.items() if value is not None}


def each(part: str) -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{json.dumps(case.get('change', case))}")
        for name in CASES
        for case in CASES[name].get(part, [])
    ]


def variants() -> list[Any]:
    """Every golden path with its example as it is, and with the changes that its cases name."""
    plain = [pytest.param(name, {}, id=name) for name in PATHS]
    return plain + [case for case in each("scaffold") if case.values[1]]


@pytest.fixture(scope="session")
def scaffolded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A function that gives the repository made from a form; each is made once."""
    made: dict[str, Path] = {}

    def repository(name: str, change: dict[str, Any]) -> Path:
        key = f"{name} {change}"
        if key not in made:
            filled = form.filled(PATHS[name].pages, values(name, change))
            made[key] = PATHS[name].scaffold(filled, tmp_path_factory.mktemp("repository"))
        return made[key]

    return repository


def test_cases_belong_to_golden_paths() -> None:
    assert set(CASES) <= set(PATHS)


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_the_template_is_sound(path: GoldenPath) -> None:
    assert review.faults(path, golden_path.RESERVED) == []
    assert path.absent == frozenset()


@pytest.mark.parametrize(("name", "case"), each("cases"))
def test_the_form_refuses_what_cannot_work(name: str, case: dict[str, Any]) -> None:
    assert PATHS[name].faults(values(name, case["change"])) == case["refused"]


@pytest.mark.parametrize(("name", "change"), variants())
def test_a_scaffolded_repository_is_sound(name: str, change: dict[str, Any], scaffolded: Any) -> None:
    filled = form.filled(PATHS[name].pages, values(name, change))
    deployed = list(PATHS[name].inputs(filled, "idp:deploy"))
    repository = scaffolded(name, change)
    assert (
        lint.repository(repository, filled, golden_path.shipped(), deployed, golden_path.PLAN.facts).faults
        == []
    )
    assert filled["description"] in {e["metadata"].get("description") for e in entities(repository)}


@pytest.mark.parametrize(("name", "change"), variants())
def test_a_scaffolded_repository_holds_no_fact_of_its_platform(
    name: str, change: dict[str, Any], tmp_path: Path
) -> None:
    (path,) = shelf.load(golden_path.FOREIGN, shelf.find([name]), {})
    facts = golden_path.FOREIGN.facts
    repository = path.scaffold(form.filled(path.pages, values(name, change)), tmp_path)
    texts = {f.relative_to(repository): f.read_text() for f in repository.rglob("*") if f.is_file()}
    assert texts
    for fact in (facts.domain, facts.registry, facts.storage_class, str(facts.https_port), preview.UNBUILT):
        assert [str(file) for file, text in texts.items() if fact in text] == [], fact


@pytest.mark.parametrize(("name", "change"), variants())
def test_what_is_deployed_holds_the_images_and_the_host_of_its_platform(
    name: str, change: dict[str, Any], tmp_path: Path
) -> None:
    if not lint.kubectl():
        pytest.skip("needs kubectl, which `idp bundle build` provides")
    (path,) = shelf.load(golden_path.FOREIGN, shelf.find([name]), {})
    facts = golden_path.FOREIGN.facts
    filled = form.filled(path.pages, values(name, change))
    repository = path.scaffold(filled, tmp_path)
    for given in path.inputs(filled, "idp:deploy"):
        done = delivery.build(repository, given["path"], given)
        objects = [o for o in yaml.safe_load_all(done.out) if o]
        assert f"{facts.registry}/{path.test_image}@sha256:" in done.out
        assert [o["spec"]["hostnames"] for o in objects if o["kind"] == "HTTPRoute"] == [
            [facts.host(filled["name"])] for o in objects if o["kind"] == "HTTPRoute"
        ]
        parameters = [
            parameter["value"]
            for o in objects
            if o["kind"] == "WorkflowTemplate"
            for parameter in o["spec"]["arguments"]["parameters"]
        ]
        assert all(value.startswith(f"{facts.registry}/") for value in parameters)


@pytest.mark.parametrize(("name", "change"), each("scaffold"))
def test_its_entities_and_objects_are_of_these_kinds(
    name: str, change: dict[str, Any], scaffolded: Any
) -> None:
    repository = scaffolded(name, change)
    found = {f"{e['kind']} {e['spec'].get('type', '')}".strip() for e in entities(repository)}
    assert set(CASES[name].get("entities", [])) <= found
    if "objects" in CASES[name]:
        assert set(CASES[name]["objects"]) <= {o["kind"] for o in built(repository)}


@pytest.mark.parametrize("change", [{}, {"exposure": "cluster"}], ids=str)
def test_a_model_service_has_an_address_only_where_it_is_wanted(
    change: dict[str, Any], scaffolded: Any
) -> None:
    kinds = {o["kind"] for o in built(scaffolded("ml-model-service", change))}
    assert ("HTTPRoute" in kinds) is (not change)


@pytest.mark.parametrize(
    ("name", "kind", "files"),
    [
        ("ml-model-service", "ConfigMap", ["src/service.toml", "src/service.py"]),
        ("ml-dataset", "Workflow", ["schema.yaml", "data/readings.csv", "tests/test_data.py"]),
        ("ml-training-pipeline", "Workflow", ["src/params.toml", "src/model.py", "tests/test_model.py"]),
        ("ml-batch-scoring", "Workflow", ["src/batch.toml", "src/results.py", "tests/test_batch.py"]),
    ],
)
def test_changed_code_is_a_new_run_and_changed_documentation_is_not(
    name: str, kind: str, files: list[str], scaffolded: Any, tmp_path: Path
) -> None:
    repository = shutil.copytree(scaffolded(name, {}), tmp_path / "changed")
    before = name_of(kind, repository)
    (repository / "docs" / "index.md").write_text("other words")
    assert name_of(kind, repository) == before
    for file in files:
        with (repository / file).open("a") as changed:
            changed.write("\n# changed\n")
        assert name_of(kind, repository) != before, file
        before = name_of(kind, repository)


@pytest.mark.engine
@pytest.mark.parametrize(("name", "change"), variants())
def test_the_tests_inside_the_repository_pass(
    name: str, change: dict[str, Any], scaffolded: Any, image: Callable[[str], str]
) -> None:
    try:
        runtime = image(PATHS[name].test_image)
    except IdpError as error:
        pytest.skip(f"the reference stack does not offer {name}: {error.what}")
    repository = shutil.copytree(scaffolded(name, change), scaffolded(name, change).with_name(f"{name}-copy"))
    try:
        for folder in (repository, *(f for f in repository.parents if f.name.startswith("pytest-"))):
            folder.chmod(0o755)
        done = engine.run_offline(runtime, repository, trial.COMMAND, trial.LIMIT)
    finally:
        shutil.rmtree(repository)
    assert done.code == 0, done.out + done.err


def entities(repository: Path) -> list[dict[str, Any]]:
    return [e for e in yaml.safe_load_all((repository / "catalog-info.yaml").read_text()) if e]


def built(repository: Path) -> list[dict[str, Any]]:
    """What Argo CD would apply."""
    if not lint.kubectl():
        pytest.skip("needs kubectl, which `idp bundle build` provides")
    root = repository if (repository / "kustomization.yaml").is_file() else repository / "deploy"
    done = shell.run(["kubectl", "kustomize", str(root)])
    return [document for document in yaml.safe_load_all(done.out) if document]


def name_of(kind: str, repository: Path) -> str:
    return str(next(o["metadata"]["name"] for o in built(repository) if o["kind"] == kind))
