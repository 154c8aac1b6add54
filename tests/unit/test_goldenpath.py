"""`idp template`: what it writes is sound, and every fault that is sown is found and said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import cli, paths
from bootstrap.errors import FAILED, WRONG_USE, IdpError
from bootstrap.goldenpath import contract, form, lint, nunjucks, rehearsal, review, session, shelf, start
from bootstrap.goldenpath.path import GoldenPath
from bootstrap.progress import silent
from tests import golden_path

ROOT = Path(__file__).parents[2]
CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "goldenpath.yaml").read_text()
)
NAME = "sown"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("IDP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("IDP_NAME", raising=False)


def sown(case: dict[str, Any], folder: Path) -> Path:
    """A new golden path with one fault."""
    made = start.start(NAME, folder)
    file = made / case["file"]
    if case["new"] is None:
        file.unlink()
    elif "old" in case:
        assert case["old"] in file.read_text(), "the starter has changed: adapt the case"
        file.write_text(file.read_text().replace(case["old"], case["new"], 1))
    else:
        file.write_text(case["new"])
    return made


def loaded(folder: Path) -> GoldenPath:
    (path,) = shelf.load(golden_path.PLAN, [folder], golden_path.REFERENCES)
    return path


def looked_through(path: GoldenPath, folder: Path) -> list[str]:
    values = form.filled(path.pages, path.example)
    try:
        path.scaffold(values, folder)
        deployed = list(path.inputs(values, "idp:deploy"))
    except ValueError as error:
        return [str(error)]
    return lint.repository(folder, values, golden_path.shipped(), deployed, golden_path.PLAN.facts).faults


def each(*parts: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{case['file']}: {case['says'][0]}"[:90])
        for part in parts
        for case in CASES[part]
    ]


def assert_said(faults: Sequence[str], expected: Sequence[str]) -> None:
    unsaid = [words for words in expected if not any(words in fault for fault in faults)]
    assert faults
    assert unsaid == [], faults


def test_a_new_golden_path_is_sound(tmp_path: Path) -> None:
    path = loaded(start.start(NAME, tmp_path))
    assert review.faults(path, golden_path.RESERVED) == []
    assert looked_through(path, tmp_path / "repository") == []


@pytest.mark.parametrize("case", each("template"))
def test_faults_of_the_template_are_found(case: dict[str, Any], tmp_path: Path) -> None:
    try:
        faults = review.faults(loaded(sown(case, tmp_path)), {"gitea", "backstage", "argocd"})
    except IdpError as error:
        faults = [error.what]
    assert_said(faults, case["says"])


@pytest.mark.parametrize("case", each("repository"))
def test_faults_of_the_repository_are_found(case: dict[str, Any], tmp_path: Path) -> None:
    path = loaded(sown(case, tmp_path))
    assert_said(looked_through(path, tmp_path / "repository"), case["says"])


@pytest.mark.parametrize("case", each("deployment"))
def test_faults_of_the_deployment_are_found(case: dict[str, Any], tmp_path: Path) -> None:
    if not lint.kubectl():
        pytest.skip("needs kubectl, which `idp bundle build` provides")
    path = loaded(sown(case, tmp_path))
    assert_said(looked_through(path, tmp_path / "repository"), case["says"])


@pytest.mark.parametrize("case", CASES["expressions"], ids=lambda case: str(case["given"]))
def test_expressions_mean_what_they_mean_in_the_portal(case: dict[str, Any]) -> None:
    parameters = {"flag": False, "list": ["a", "b"], "text": 'Zo"e: ü', "owner": "group:default/ml-team"}
    assert nunjucks.value(case["given"], {"parameters": parameters}) == case["is"]


@pytest.mark.parametrize("case", CASES["fields"], ids=lambda case: json.dumps(case["field"]))
def test_fields_take_and_refuse(case: dict[str, Any]) -> None:
    assert all(form.fits(case["field"], value) for value in case["takes"])
    assert not any(form.fits(case["field"], value) for value in case["refuses"])


def test_fields_behind_a_choice_are_fields_too() -> None:
    page = {
        "properties": {"kind": {"type": "string", "enum": ["a", "b"], "default": "a"}},
        "dependencies": {
            "kind": {
                "oneOf": [
                    {"properties": {"kind": {"const": "a"}, "of": {"type": "string", "enum": [1, 2]}}},
                    {
                        "properties": {
                            "kind": {"const": "b"},
                            "of": {"type": "string", "enum": [2, 3]},
                            "size": {"type": "integer", "default": 3},
                        }
                    },
                ]
            }
        },
    }
    assert form.fields([page]).keys() == {"kind", "of", "size"}
    assert form.fields([page])["of"]["enum"] == [1, 2, 3]
    assert form.filled([page], {"kind": "b"}) == {"kind": "b", "size": 3}


def test_the_portals_own_steps_are_known_with_their_inputs() -> None:
    folder = paths.packages() / "backstage/image/backend/src/scaffolder"
    for file in folder.glob("*.ts"):
        text = file.read_text()
        for action in re.findall(r"^    id: '(idp:[a-z-]+)'", text, re.M):
            block = text.split("input: {", 1)[1].split("\n      },", 1)[0]
            assert set(re.findall(r"^        (\w+): z", block, re.M)) == contract.ACTIONS[action], file.name


def test_new_refuses_what_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("Sown", "a_b", "x" * 41):
        assert cli.run(["template", "new", name, "--folder", str(tmp_path)]) == WRONG_USE
    assert cli.run(["template", "new", NAME, "--folder", str(tmp_path)]) == 0
    assert cli.run(["template", "new", NAME, "--folder", str(tmp_path)]) == WRONG_USE
    assert "IDP-T003" in capsys.readouterr().err


def test_list_says_what_a_stack_offers(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["template", "list", "--stack", "minimal", "-o", "json"]) == 0
    entries = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert set(entries) == {folder.name for folder in paths.templates().iterdir()}
    assert entries["ml-model-service"]["offered"] is False
    assert "ml-runtime" in entries["ml-model-service"]["missing_images"]
    assert entries["external-system"]["offered"] is True
    assert all(entry["title"] and entry["description"] and entry["type"] for entry in entries.values())


def test_all_faults_of_all_golden_paths_come_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good").mkdir()
    (tmp_path / "bad").mkdir()
    good = start.start("good", tmp_path / "good")
    bad = [sown(case, tmp_path / "bad" / str(i)) for i, case in enumerate(CASES["repository"][5:7])]
    arguments = [str(folder) for folder in (*bad, good)]
    assert cli.run(["template", "test", *arguments, "--no-deploy", "--progress", "plain"]) == FAILED
    said = capsys.readouterr()
    assert "Error IDP-T001: 3 faults in sown, sown" in said.err
    assert re.search(
        r"good +ok +ok +skipped: no bundle of the stack reference +skipped: no platform", said.out
    )
    assert cli.run(["template", "test", str(good), "--no-deploy", "-o", "json", "--progress", "plain"]) == 0
    outcome = json.loads(capsys.readouterr().out)[0]
    assert (outcome["name"], outcome["phases"]["repository"], outcome["faults"]) == ("good", "ok", [])


def test_an_unknown_golden_path_and_a_missing_platform_are_wrong_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["template", "test", "nonsense", "--no-deploy"]) == WRONG_USE
    assert "IDP-T002" in capsys.readouterr().err
    assert cli.run(["template", "test", "external-system", "--deploy"]) == WRONG_USE
    assert "IDP-I002" in capsys.readouterr().err


def test_what_a_run_makes_is_known_before_it_runs() -> None:
    path = golden_path.golden_paths()["ml-model-service"]
    values = rehearsal.values_for(path, form.filled(path.pages, {**path.example, "name": "a" * 40}))
    assert re.fullmatch("a{33}-[0-9a-f]{6}", values["name"])
    made = rehearsal.made(path, values)
    assert made.repositories == (("ml", values["name"]),)
    assert made.applications == (values["name"],)
    assert made.namespaces == (f"ml-{values['name']}",)


@dataclass
class Platform:
    """Stands in for cluster, Gitea and portal, and remembers what was asked of it."""

    status: str = "completed"
    asked: list[str] = field(default_factory=list)

    def scaffold(self, template: str, values: Any, timeout: float) -> dict[str, str]:
        self.asked.append(f"scaffold {template}")
        return {"status": self.status, "log": "one\ntwo"}

    def entity(self, reference: str) -> dict[str, str] | None:
        return None if "delete repo" in " ".join(self.asked) else {"kind": "Component"}

    def docs_page(self, reference: str) -> str:
        return "page"

    def wait_for(self, kind: str, missing: Any, waiting: Any, timeout: float, **_: Any) -> None:
        self.asked.append(f"wait for {kind.rpartition('/')[2]}")

    def annotate(self, *_: Any) -> None:
        self.asked.append("refresh")

    def delete(self, kind: str, name: str) -> None:
        self.asked.append(f"delete {name}")

    def delete_file(self, org: str, repo: str, path: str, message: str) -> bool:
        self.asked.append(f"delete file {path}")
        return True

    def delete_repo(self, org: str, name: str) -> bool:
        self.asked.append(f"delete repo {org}/{name}")
        return True


@pytest.fixture
def steps() -> Iterator[Any]:
    with silent().step("test") as step:
        yield step


@pytest.mark.parametrize(
    ("status", "faults"), [("completed", []), ("failed", ["the template failed: one | two"])]
)
def test_a_run_on_a_platform_leaves_nothing_behind(status: str, faults: list[str], steps: Any) -> None:
    platform: Any = Platform(status)
    stage = rehearsal.Stage(golden_path.PLAN, platform, platform, platform)
    path = golden_path.golden_paths()["ml-model-service"]
    entity = {"kind": "Component", "metadata": {"name": "iris"}, "spec": {}}
    assert stage.play(path, path.example, [entity], steps) == faults
    assert stage.remove(path, path.example, [entity], steps) == []
    assert stage.forgotten(steps) == []
    assert platform.asked[-6:] == [
        "delete file iris-api.yaml",
        "refresh",
        "wait for Application",
        "delete ml-iris-api",
        "wait for Namespace",
        "delete repo ml/iris-api",
    ]


def test_a_run_without_faults_is_no_error() -> None:
    assert session.unsound([session.Outcome("a")]) is None
