"""What ran on one platform runs on another: the whole life of a promotion between two real ones.

One is on this machine, the other elsewhere with its own registry, database and store. The tests are a story
and run in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bootstrap import paths
from tests.e2e.life import DATASET, FAILING, MODEL, SERVICE, Life, eventually, of_data_scientist
from tests.ending import CTRL_C, KILL, end_at
from tests.platform import Finished, Platform

pytestmark = pytest.mark.cluster

DIFFERENT, WAITING = 3, 4
REPOSITORIES = {f"ml/{name}" for name in (DATASET, MODEL, SERVICE)}
#: Where the runs before the last one end.
ENDS = [
    (KILL, ("compare models",)),
    (KILL, ("write it down",)),
    (KILL, ("models", f"move the model {MODEL}")),
    (CTRL_C, ("repositories",)),
    (KILL, ("services",)),
    (CTRL_C, ("wait until they run",)),
    (KILL, ("write down that it is done",)),
]
#: And where those end that take one back.
BACK_ENDS = [(KILL, ("services",)), (KILL, ("repositories",)), (CTRL_C, ("write that down",))]


@dataclass(frozen=True)
class Two:
    """The platform that things come from and the one that they go to, each with its data scientist."""

    pair: Platform
    source: Life
    target: Life

    @property
    def way(self) -> list[str]:
        return ["--from", self.source.platform.name, "--to", self.target.platform.name]

    @property
    def names(self) -> list[str]:
        return [life.platform.name for life in (self.source, self.target)]

    def promote(self, *arguments: str, check: bool = True) -> Finished:
        given = [*self.way, "--with-models", "--yes", "--progress", "plain", *arguments]
        return self.pair.idp("promote", *given, check=check)

    def record(self, *arguments: str) -> dict[str, Any]:
        return dict(json.loads(self.promote("-o", "json", *arguments).out))

    def plan(self) -> dict[str, Any]:
        done = self.promote("--dry-run", "-o", "json", check=False)
        assert done.code in (0, DIFFERENT), done.err
        return dict(json.loads(done.out))

    def take_back(self) -> dict[str, Any]:
        line = ["promote", "--to", self.target.platform.name, "--rollback", "--yes", "--progress", "plain"]
        return dict(json.loads(self.pair.idp(*line, "-o", "json").out))

    def records(self) -> list[str]:
        """Identities of all promotions that the target's Git knows."""
        return [each["name"] for each in gitea(self.target, "repos/idp/promotions/contents/records").json()]


@pytest.fixture(scope="module")
def two(pair: Platform, platform: Platform) -> Iterator[Two]:
    with ExitStack() as held:
        source = held.enter_context(of_data_scientist(platform))
        target = held.enter_context(of_data_scientist(pair))
        if not gitea(source, f"repos/ml/{SERVICE}").is_success:
            source.scaffold_dataset()
            source.scaffold_pipeline()
            source.scaffold_service()
        run = source.finished(MODEL, 1, 400)
        assert run["status"]["phase"] == "Succeeded", source.log(run)
        eventually("version 1 is served", lambda: source.ask("GET", "/readyz").is_success, 180)
        yield Two(pair, source, target)


def gitea(life: Life, path: str, **given: Any) -> httpx.Response:
    """Gitea's API as the plain user."""
    login = ("data-scientist", life.platform.password("data-scientist"))
    return life.http.request(
        given.pop("method", "GET"), f"{life.endpoints['gitea']}/api/v1/{path}", auth=login, **given
    )


def head(life: Life, name: str, branch: str = "main") -> str:
    found = gitea(life, f"repos/ml/{name}/branches/{branch}").raise_for_status().json()
    return str(found["commit"]["id"])


def served(life: Life) -> dict[str, Any]:
    return dict(life.ask("GET", "/model").raise_for_status().json())


def test_two_new_platforms_differ_in_what_was_made_on_one_and_in_nothing_else(two: Two) -> None:
    done = two.pair.idp("diff", *two.names, "--with-models", "-o", "json", check=False)
    assert done.code == DIFFERENT, done.out + done.err
    found = json.loads(done.out)
    assert {r["name"]: r["relation"] for r in found["repositories"]} == dict.fromkeys(REPOSITORIES, "new")
    assert {o["name"] for o in found["deployments"]["objects"]} == {DATASET, MODEL, SERVICE}
    assert not found["packages"]
    assert not found["images"]
    assert not found["templates"]
    assert [(m["name"], m["relation"]) for m in found["models"]] == [(MODEL, "new")]


def test_the_plan_is_shown_and_nothing_changes(two: Two) -> None:
    shown = two.promote("--dry-run", check=False)
    assert shown.code == DIFFERENT
    for line in (f"repository ml/{SERVICE}: new", f"service {SERVICE}: new", f"model {MODEL}: new"):
        assert line in shown.err
    assert "names `" not in shown.err, "a repository names the platform that it was made on"
    assert not gitea(two.target, f"repos/ml/{SERVICE}").is_success
    assert not gitea(two.target, "repos/idp/promotions").is_success


def test_a_promotion_is_finished_by_the_next_run_wherever_it_was_ended(two: Two) -> None:
    for how, where in ENDS:
        end_at(where, how, two.pair, "promote", *two.way, "--with-models", "--yes")
    record = two.record()
    assert record["state"] == "done"
    assert two.records() == [f"{record['id']}.yaml"], "every run went on with the same promotion"
    assert set(record["repositories"]) == REPOSITORIES
    assert set(record["services"]) == {DATASET, MODEL, SERVICE}
    assert record["models"][MODEL]["versions"].keys() == {"1"}
    assert record["models"][MODEL]["aliases"] == {"candidate": "1"}


def test_commits_are_the_same(two: Two) -> None:
    for name in (DATASET, MODEL, SERVICE):
        assert head(two.target, name) == head(two.source, name)


def test_the_same_model_gives_the_same_prediction(two: Two) -> None:
    eventually("the service answers", lambda: two.target.ask("GET", "/readyz").is_success, 180)
    assert served(two.target) == served(two.source)
    assert served(two.target)["tags"]["model.sha256"]
    answers = [
        life.ask("POST", "/predict", json={"instances": [FAILING]}).raise_for_status().json()
        for life in (two.source, two.target)
    ]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]
    assert answers[0]["predictions"] == ["failing"]


def test_the_same_images_run_from_the_other_registry(two: Two) -> None:
    images = []
    for life in (two.source, two.target):
        where = ["-n", f"ml-{SERVICE}", "-o", "jsonpath={.items[0].spec.containers[0].image}"]
        images.append(life.kubectl("get", "pods", *where))
    registries, digests = zip(*(image.split("@") for image in images), strict=True)
    assert digests[0] == digests[1]
    assert registries[0] != registries[1]


def test_nothing_was_trained_a_second_time(two: Two) -> None:
    runs = two.target.runs(MODEL)
    assert [run["status"]["phase"] for run in runs] == ["Succeeded"]
    assert runs[0]["status"]["finishedAt"] == two.source.runs(MODEL)[0]["status"]["finishedAt"]
    pods = two.target.kubectl("get", "pods", "-n", f"ml-{MODEL}", "-o", "name")
    assert not pods.strip()


def test_links_lead_to_the_platform_that_shows_them(two: Two) -> None:
    def entity() -> dict[str, Any] | None:
        answer = two.target.portal.ask("GET", f"/api/catalog/entities/by-name/api/default/{SERVICE}")
        return dict(answer.json()) if answer.is_success else None

    found = eventually("the catalogue has it", entity, 120)
    own = two.target.endpoints["backstage"].replace("backstage", SERVICE, 1)
    assert own in found["spec"]["definition"]
    assert all(link["url"].startswith(own) for link in found["metadata"]["links"])
    website = gitea(two.target, f"repos/ml/{SERVICE}").json()["website"]
    assert website.startswith(two.target.endpoints["backstage"])


def test_the_portal_shows_who_moved_what(two: Two) -> None:
    newest = two.target.portal.get("/api/promotions/records").json()["promotions"][0]
    assert newest["from"]["name"] == two.source.platform.name
    assert newest["state"] == "done"
    assert newest["models"]


def test_a_second_promotion_finds_nothing_to_do(two: Two) -> None:
    before = two.records()
    assert two.plan() == {}
    done = two.promote()
    assert "has all that" in done.err
    assert two.records() == before
    assert two.pair.idp("diff", *two.names, "--with-models").code == 0


def test_a_change_moves_alone_and_can_be_taken_back(two: Two) -> None:
    before = head(two.target, SERVICE)
    two.source.change(SERVICE, "src/service.toml", ("window = 500", "window = 400"))
    plan = two.plan()
    found = json.loads(two.pair.idp("diff", *two.names, "-o", "json", check=False).out)
    assert [r["name"] for r in found["repositories"]] == [f"ml/{SERVICE}"]
    assert not any(found[part] for part in ("packages", "images", "catalogue", "templates", "extra"))
    assert set(plan["repositories"]) == {f"ml/{SERVICE}"}
    assert not plan.get("services")
    assert not plan.get("models")
    record = two.record()
    assert record["difference"] == plan["difference"]
    assert head(two.target, SERVICE) == head(two.source, SERVICE) != before
    for how, where in BACK_ENDS:
        back = ["--to", two.target.platform.name, "--rollback", "--yes"]
        end_at(where, how, two.pair, "promote", *back)
    undone = two.take_back()
    assert (undone["id"], undone["state"]) == (record["id"], "rolled-back")
    assert head(two.target, SERVICE) == before
    assert two.record()["state"] == "done"
    assert head(two.target, SERVICE) == head(two.source, SERVICE)


def test_a_target_with_commits_of_its_own_is_refused_until_they_may_be_lost(two: Two) -> None:
    two.target.change(SERVICE, "src/service.toml", ("window = 400", "window = 300"))
    two.source.change(SERVICE, "src/service.toml", ("least = 50", "least = 40"))
    own = head(two.target, SERVICE)
    refused = two.promote(check=False)
    assert refused.code == 1
    assert "IDP-M010" in refused.err
    assert f"--overwrite ml/{SERVICE}" in refused.err
    assert head(two.target, SERVICE) == own
    two.promote("--overwrite", f"ml/{SERVICE}")
    assert head(two.target, SERVICE) == head(two.source, SERVICE)
    two.take_back()
    assert head(two.target, SERVICE) == own
    two.promote("--overwrite", f"ml/{SERVICE}")


def test_a_way_that_asks_for_an_approval_waits_for_one(two: Two, tmp_path: Path) -> None:
    name = two.target.platform.name
    with gated(
        two, tmp_path, {"from": "*", "to": name, "checks": ["healthy"], "approval": "model-approvers"}
    ):
        two.source.change(DATASET, "docs/index.md", ("# ", "# Our "))
        before = head(two.target, DATASET)
        waiting = two.promote(check=False)
        assert waiting.code == WAITING, waiting.err
        assert "IDP-M017" in waiting.err
        assert head(two.target, DATASET) == before
        assert two.promote(check=False).code == WAITING, "asking twice makes one request"
        approve(two.target)
        record = two.record()
    assert record["state"] == "done"
    assert record["approval"]["by"] == {"name": "Ann", "email": "ann@example.org"}
    assert [check["name"] for check in record["checks"]] == ["healthy"]
    assert head(two.target, DATASET) == head(two.source, DATASET)


def test_a_way_that_is_not_listed_is_closed(two: Two, tmp_path: Path) -> None:
    with gated(two, tmp_path, {"from": "staging", "to": two.target.platform.name}):
        refused = two.promote(check=False)
    assert refused.code == 1
    assert "IDP-M015" in refused.err


def approve(life: Life) -> None:
    """What somebody of the team does in Gitea; whoever opened the request cannot."""
    admin = ("platform-admin", life.platform.password("platform-admin"))
    ann = ("ann", "only-in-tests-1")
    base = f"{life.endpoints['gitea']}/api/v1"
    ask = life.http.request
    user: dict[str, Any] = {"username": ann[0], "password": ann[1], "must_change_password": False}
    user |= {"full_name": "Ann", "email": "ann@example.org"}
    ask("POST", f"{base}/admin/users", auth=admin, json=user).raise_for_status()
    teams = ask("GET", f"{base}/orgs/idp/teams", auth=admin).raise_for_status().json()
    team = next(team["id"] for team in teams if team["name"] == "model-approvers")
    ask("PUT", f"{base}/teams/{team}/members/ann", auth=admin).raise_for_status()
    pulls = f"{base}/repos/idp/promotions/pulls"
    [pull] = ask("GET", pulls, auth=ann).raise_for_status().json()
    review = {"event": "APPROVED", "commit_id": pull["head"]["sha"], "body": "Looked at"}
    ask("POST", f"{pulls}/{pull['number']}/reviews", auth=ann, json=review).raise_for_status()


def gated(two: Two, folder: Path, edge: dict[str, Any]) -> ExitStack:
    """The target with a stack definition of its user's own, which says what a promotion to it takes."""
    definition = yaml.safe_load((paths.stacks() / "reference.yaml").read_text())
    own = folder / "reference.yaml"
    own.write_text(yaml.safe_dump({**definition, "promotions": [edge]}, sort_keys=False))
    file = two.pair.data / "instances" / two.target.platform.name / "instance.json"
    before = file.read_text()
    file.write_text(json.dumps({**json.loads(before), "stack": str(own)}))
    back = ExitStack()
    back.callback(file.write_text, before)
    return back
