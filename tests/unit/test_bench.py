"""What the benchmarks fill a platform with, and how they report: the parts that need no platform."""

from __future__ import annotations

import ast
import io
import json
import math
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.promotion import models
from tests.bench import report, repositories, seeding, weights
from tests.bench.bringup import Measured, stages
from tests.bench.looking import PAGES, Times
from tests.bench.pair import Took
from tests.bench.promotion import Model, Repositories
from tests.bench.rest import GIB, Rest

WHERE = "On a machine"


def test_a_thousand_entities_hang_together() -> None:
    made = list(yaml.safe_load_all(seeding.catalogue(1000)))
    refs = {f"{one['kind'].lower()}:default/{one['metadata']['name']}" for one in made}
    assert (len(made), len(refs)) == (1000, 1000)
    named = {ref for one in made for ref in one["spec"].get("dependsOn", [])}
    assert named
    assert named <= refs
    assert {one["spec"]["owner"] for one in made} == {seeding.OWNER}
    assert all("" not in one["spec"].values() for one in made)


def test_runs_end_before_now_and_are_the_same_each_time() -> None:
    now = 1_800_000_000_000
    made = seeding.runs(500, now)
    assert made == seeding.runs(500, now)
    assert len({run["create"]["run_name"] for run in made}) == 500
    assert all(run["create"]["start_time"] < run["end"]["end_time"] < now for run in made)
    assert made[-1]["log"]["metrics"][0]["value"] > made[0]["log"]["metrics"][0]["value"]


def test_what_runs_in_the_pod_is_python_without_a_library() -> None:
    imported = {
        alias.name
        for node in ast.walk(ast.parse(seeding.LOGGING))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported == {"json", "sys", "urllib.request"}


def test_runs_are_logged_as_mlflow_takes_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The script as it runs in the pod, with an MLflow that says yes to everything."""
    asked: list[tuple[str, Any]] = []

    def answer(asking: urllib.request.Request | str, timeout: float) -> io.StringIO:
        if isinstance(asking, str):
            assert asking.endswith("/experiments/get-by-name?experiment_name=pump-state")
            return io.StringIO('{"experiment": {"experiment_id": "7"}}')
        assert isinstance(asking.data, bytes)
        asked.append((asking.full_url.rpartition("/mlflow/")[2], json.loads(asking.data)))
        return io.StringIO('{"run": {"info": {"run_id": "r"}}}')

    given = {"experiment": "pump-state", "runs": seeding.runs(2, 1_800_000_000_000)}
    monkeypatch.setattr("urllib.request.urlopen", answer)
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(given)))
    exec(seeding.LOGGING, {})  # noqa: S102

    assert capsys.readouterr().out == "2\n"
    assert [path for path, _ in asked] == ["runs/create", "runs/log-batch", "runs/update"] * 2
    create, log, end = (body for _, body in asked[:3])
    assert (create["experiment_id"], log["run_id"], end["status"]) == ("7", "r", "FINISHED")
    assert all(isinstance(one["value"], str) for one in log["params"])


def test_copies_of_a_run_are_left_alone_by_whoever_watches_runs() -> None:
    ended = {
        "kind": "Workflow",
        "metadata": {
            "name": "pump-1",
            "namespace": "ml-pump",
            "uid": "1",
            "labels": {"a": "b"},
            "annotations": {"argocd.argoproj.io/tracking-id": "x"},
        },
        "spec": {"ttlStrategy": {"secondsAfterCompletion": 1}},
        "status": {"phase": "Succeeded"},
    }
    found = json.loads(seeding.workflows(ended, 3))["items"]
    assert [one["metadata"]["name"] for one in found] == [f"pump-1-scale-000{n}" for n in range(3)]
    first = found[0]
    assert first["metadata"].keys() == {"name", "namespace", "labels"}
    assert first["metadata"]["labels"]["workflows.argoproj.io/completed"] == "true"
    assert (first["spec"], first["status"]["phase"]) == ({}, "Succeeded")
    assert "ttlStrategy" in ended["spec"]


def test_a_section_takes_the_place_of_the_old_one_and_leaves_the_others() -> None:
    page = report.merged("# Old\n\nwords\n\n## One\n\n1\n\n## At rest\n\nold\n", {})
    page = report.merged(page, report.at_rest(Rest(2.0, 0.25), WHERE))
    assert page == report.merged(page, {})
    assert page.index("## One") < page.index("## At rest")
    assert "| memory of the node | 2.00 GiB | ≤ 4 GiB | 0.50 |" in page
    assert "old" not in page


def test_the_way_to_a_prediction_is_judged_by_its_last_step() -> None:
    (text,) = report.first_prediction({"one": 20.0, "two": 150.0}, WHERE).values()
    assert "| one | 20 s |  |  |" in text
    assert "| two | 150 s | ≤ 300 s | 0.50 |" in text


def test_a_page_that_did_not_come_says_so() -> None:
    times = {"home": Times([1.0, 3.0, 1.5], [0.5, 0.5, 0.5]), "Audit": Times([math.inf] * 3, [math.inf] * 3)}
    (text,) = report.portal(times, "filled", WHERE).values()
    assert "| home | 1.50 s (1.00 to 3.00) | ≤ 2 s | 0.75 | 0.50 s (0.50 to 0.50) |" in text
    assert "| Audit | not shown | ≤ 2 s | – | not shown |" in text


def test_stages_of_up_are_its_outermost_steps() -> None:
    lines = [
        {"event": "begin", "path": ["a"]},
        {"event": "end", "path": ["a", "b"], "seconds": 1},
        {"event": "end", "path": ["a"], "seconds": 2.5},
    ]
    told = stages("words\n" + "\n".join(map(json.dumps, lines)))
    assert told == {"a": 2.5}
    (text,) = report.bringing_up([Measured(10, 30, 1, 2, told)], WHERE).values()
    assert "3.00× (3.00 to 3.00) | ≤ 4 |" in text
    assert "| a | 2.50 s (2.50 to 2.50) |" in text


def test_a_repository_of_the_benchmark_is_one_that_git_takes(tmp_path: Path) -> None:
    def git(*arguments: str, given: str = "") -> str:
        line = ["git", *arguments]
        return subprocess.run(
            line, cwd=tmp_path, input=given, check=True, capture_output=True, text=True
        ).stdout

    git("init", "--quiet", "--bare")
    git("fast-import", "--quiet", given=repositories.history("one"))
    assert int(git("rev-list", "--count", "main")) == repositories.COMMITS
    assert len(git("ls-tree", "-r", "--name-only", "main").split()) == repositories.FILES
    listed = git("for-each-ref", "--format=%(refname)").split()
    assert listed == ["refs/heads/main", "refs/heads/review", "refs/tags/v1"]
    assert repositories.history("one") != repositories.history("two")


def test_what_makes_and_removes_a_model_is_python_without_a_library() -> None:
    for script in (weights.MAKING, weights.REMOVING):
        tree = ast.parse(script)
        imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
        assert imported == {"json", "sys", "urllib.request"}


def test_artifacts_come_to_the_size_that_was_asked_for() -> None:
    for gib in (0.1, 0.5, 1, 5):
        size = int(gib * GIB)
        files = dict(weights.files("1/run/artifacts/model", size))
        assert sum(files.values()) == size
        parts = [part for key, length in files.items() for part in models.parts(key, length)]
        assert sum(length for *_, length in parts) == size


def test_promotions_are_judged_by_what_grows() -> None:
    took = Took(20.0, {"repositories": 10.0})
    new = {1: Took(10.0, {"repositories": 0.1}), 10: took, 100: Took(109.0, {"wait": 1.0})}
    found = Repositories({3: [Took(5.0)] * 3, 103: [Took(6.0)] * 3}, new, Took(12.0))
    (text,) = report.promoting_repositories(found, WHERE).values()
    assert "103 repositories take 1.20 times as long as 3; each that is new takes 1.00 s more." in text
    assert "| 3 repositories of users | 5.00 s (5.00 to 5.00) | ≤ 10 s | 0.50 |" in text
    assert "| 10 | 20.0 s | 2.00 s | 2.00 |" in text
    assert "| one commit in one of them | 12.0 s | 12.00 s | 1.20 |" in text
    assert "| repositories | 0.1 | 10.0 | 0.0 |" in text


def test_a_model_for_which_there_is_no_room_says_so() -> None:
    moved = [Model(gib, Took(seconds, {"models": 8.0}), Took(5.0)) for gib, seconds in ((1, 10.0), (2, 30.0))]
    (text,) = report.promoting_models([*moved, Model(5, lacking="no room")], WHERE).values()
    assert "Each GiB more takes 20.0 s more." in text
    assert "| 1 GiB | 10.0 s | 128 | 5.0 s | ≤ 10 s | 0.50 |" in text
    assert "| 5 GiB | not measured: no room |  |  |  |  |" in text


def test_the_page_in_the_documentation_is_one_that_can_be_merged() -> None:
    page = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text()
    assert report.merged(page, {}) == page


def test_home_audit_and_every_tab_of_an_entity_are_measured() -> None:
    paths = {path for path, _ in PAGES.values()}
    assert {path for path in paths if not path.startswith("/catalog/")} == {"/", "/audit"}
    tabs = {path.rsplit("/", 1)[-1] for path in paths if path.startswith("/catalog/")}
    assert tabs == {"experiments", "model", "pipeline", "deployment", "lineage", "scorecard"}
