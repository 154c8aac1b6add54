"""The life of a model on a real cluster: from a data set to a prediction, to a better version, to a batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.life import BATCH, DATASET, FAILING, FINISHED, MODEL, SERVICE, Life, eventually

pytestmark = pytest.mark.cluster

NIGHTLY, EVERY_MINUTE = '"0 3 * * *"', '"* * * * *"'
CRON = "workflows.argoproj.io/cron-workflow"


def test_without_a_version_the_service_says_so(life: Life) -> None:
    answer = eventually(
        "the service answers", lambda: (r := life.ask("GET", "/healthz")).is_success and r, 120
    )
    assert answer.status_code == 200
    ready = life.ask("GET", "/readyz")
    assert ready.status_code == 200 or MODEL in ready.json()["detail"]


def test_the_data_set_is_checked(life: Life) -> None:
    run = life.finished(DATASET, 1, 120)
    assert run["status"]["phase"] == "Succeeded"
    assert "every value fits the schema" in life.log(run)
    assert life.portal.entity(f"resource:default/{DATASET}")


def test_the_pipeline_registers_what_can_be_traced(life: Life) -> None:
    run = life.finished(MODEL, 1, 420)
    assert run["status"]["phase"] == "Succeeded", life.log(run)
    trials = [n for n in run["status"]["nodes"].values() if n["displayName"].startswith("trial(")]
    assert len(trials) == 4
    eventually("version 1 is served", lambda: life.ask("GET", "/readyz").is_success, 60)
    record = life.ask("GET", "/model").json()
    assert record["version"] == "1"
    tags = record["tags"]
    assert (tags["data.name"], tags["pipeline.run"]) == (DATASET, run["metadata"]["name"])
    assert tags["code.repository"] == f"ml/{MODEL}"
    assert all(tags[tag] for tag in ("data.version", "data.sha256", "code.commit", "runtime.image"))
    assert record["metrics"]["accuracy"] >= 0.8
    assert record["importance"].keys() == FAILING.keys()


def test_a_prediction_is_in_the_log(life: Life) -> None:
    answer = life.ask("POST", "/predict", json={"instances": [FAILING]}).raise_for_status().json()
    assert answer["predictions"] == ["failing"]
    query = {"request_id": answer["request_id"]}
    (entry,) = life.ask("GET", "/predictions", params=query).json()["predictions"]
    assert (entry["prediction"], entry["model"], entry["version"]) == ("failing", MODEL, "1")
    assert entry["features"] == FAILING
    wrong = life.ask("POST", "/predict", json={"instances": [{**FAILING, "pressure_bar": "much"}]})
    assert (wrong.status_code, wrong.json()["detail"][0]["loc"][-1]) == (422, "pressure_bar")
    assert life.ask("GET", "/drift").json()["state"] == "too few"
    described = life.ask("GET", "/openapi.json").json()["components"]["schemas"]["Instance"]
    assert described["properties"].keys() == FAILING.keys()


def test_the_portal_shows_the_addresses_of_this_platform(life: Life) -> None:
    address = life.endpoints["backstage"].replace("backstage", SERVICE, 1)
    component = life.portal.entity(f"component:default/{SERVICE}")
    api = life.portal.entity(f"api:default/{SERVICE}")
    assert component
    assert api
    links = {link["title"]: link["url"] for link in component["metadata"]["links"]}
    assert links["Address"] == address
    assert links["Repository"] == f"{life.endpoints['gitea']}/ml/{SERVICE}"
    assert json.loads(api["spec"]["definition"])["servers"] == [{"url": address}]
    assert life.ask("GET", "/openapi.json").json()["servers"] == [{"url": "/"}]


def test_a_batch_is_scored_with_the_newest_version_that_passed(life: Life) -> None:
    source = {"source": "dataset", "dataset": DATASET, "schedule": "daily"}
    life.scaffold("ml-batch-scoring", name=BATCH, model=MODEL, alias="candidate", **source)
    run = life.finished(BATCH, 1, 240)
    assert run["status"]["phase"] == "Succeeded", life.log(run)
    assert f"scored 240 rows of {DATASET}" in life.log(run)
    life.change(BATCH, "deploy/schedule.yaml", (NIGHTLY, EVERY_MINUTE))


def test_a_worse_model_is_refused(life: Life) -> None:
    worse = (
        ("enabled = true", "enabled = false"),
        ("max_depth = 8", "max_depth = 1"),
        ("trees = 100", "trees = 1"),
    )
    life.change(MODEL, "src/params.toml", *worse)
    run = life.finished(MODEL, 2, 300)
    assert run["status"]["phase"] == "Failed"
    assert "the gate refuses the model" in life.log(run)
    assert "is worse than" in life.log(run)
    assert served(life) == "1"


def test_a_second_version_goes_live_by_its_alias(life: Life) -> None:
    pods = life.kubectl("get", "pods", "-n", f"ml-{SERVICE}", "-o", "name")
    better = (
        ("max_depth = 1", "max_depth = 9"),
        ("trees = 1\n", "trees = 120\n"),
        ("tolerance = 0.0", "tolerance = 0.1"),
    )
    life.change(MODEL, "src/params.toml", *better)
    eventually("version 2 is served", lambda: served(life) == "2", 300)
    answer = life.ask("POST", "/predict", json={"instances": [FAILING]}).json()
    assert (answer["predictions"], answer["version"]) == (["failing"], "2")
    assert pods == life.kubectl("get", "pods", "-n", f"ml-{SERVICE}", "-o", "name")


def served(life: Life) -> str:
    answer = life.ask("GET", "/readyz")
    return str(answer.json()["version"]) if answer.is_success else ""


def test_the_schedule_scores_again_without_anybody(life: Life) -> None:
    def by_schedule() -> list[dict[str, Any]]:
        runs = [r for r in life.runs(BATCH) if CRON in r["metadata"]["labels"]]
        return [r for r in runs if r.get("status", {}).get("phase") in FINISHED]

    run = eventually("a run that the schedule started has ended", by_schedule, 180)[-1]
    life.change(BATCH, "deploy/schedule.yaml", (EVERY_MINUTE, NIGHTLY))
    assert run["metadata"]["labels"][CRON] == BATCH
    assert run["status"]["phase"] == "Succeeded", life.log(run)
    assert f"scored 240 rows of {DATASET}" in life.log(run)


def test_bad_data_stops_at_validation_with_its_rows(life: Life) -> None:
    named = "row 5, column reading_id: 'three' is not a whole number"
    life.change(DATASET, "data/readings.csv", ("\n1003,", "\nthree,"))
    life.change(MODEL, "src/params.toml", ("trees = 120", "trees = 121"))
    checks = life.finished(DATASET, 2, 240)
    assert checks["status"]["phase"] == "Failed"
    assert named in life.log(checks)
    run = life.finished(MODEL, 4, 240)
    assert run["status"]["phase"] == "Failed"
    assert named in life.log(run)
    steps = run["status"]["nodes"].values()
    assert {step["displayName"] for step in steps if step["phase"] == "Succeeded"} <= {"tests"}
