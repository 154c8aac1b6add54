"""How a model gets into production on a real cluster: who may, who may not, and what an auditor finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bootstrap.portal import PortalClient
from tests.e2e.life import FAILING, MODEL, Life, eventually

pytestmark = pytest.mark.cluster

LIVE = "pump-live"
CARD = "docs/model-card.md"
#: What the pattern of a model card asks for, and what somebody answers.
ANSWERS = (
    ("*not decided*", "Apache-2.0"),
    ("*who uses the predictions, and for which decision*", "the shift, to plan the service of a pump"),
    ("*uses that would be wrong or unsafe*", "switching a pump off without a look at it"),
    ("*cases that must not be left to the model*", "the pump is part of a safety system"),
    ("*Groups or situations in which the model does worse*", "Pumps in their first week do worse"),
    ("*What happens when a prediction is wrong, and who notices*", "A worn pump runs on; the shift hears it"),
)
#: Moves the alias as any program in the cluster could try to.
MOVE = f"""
import mlflow
client = mlflow.MlflowClient("http://mlflow.mlflow.svc:5000")
try:
    client.set_registered_model_alias("{MODEL}", "production", "1")
    print("MOVED")
except Exception as error:
    print("REFUSED", error)
"""


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in to the portal; refusals are answers here, not errors."""

    portal: PortalClient

    def state(self, model: str) -> dict[str, Any]:
        return dict(self.portal.get(f"/api/governance/models/{model}").json())

    def approve(self, model: str, version: str, comment: str) -> httpx.Response:
        return self._decide(model, version, "approval", {"comment": comment, "decision": "approved"})

    def promote(self, model: str, version: str) -> httpx.Response:
        return self._decide(model, version, "production", {})

    def _decide(self, model: str, version: str, what: str, body: dict[str, str]) -> httpx.Response:
        url = f"/api/governance/models/{model}/versions/{version}/{what}"
        return self.portal.ask("POST", url, json=body)


@pytest.fixture(scope="module")
def scientist(life: Life) -> Iterator[Person]:
    yield from signed_in(life, "data-scientist")


@pytest.fixture(scope="module")
def approver(life: Life) -> Iterator[Person]:
    yield from signed_in(life, "platform-admin")


def signed_in(life: Life, user: str) -> Iterator[Person]:
    platform = life.platform
    with PortalClient.for_instance(platform.name, life.endpoints["backstage"], data=platform.data) as portal:
        portal.sign_in(user, platform.password(user))
        yield Person(portal)


@pytest.fixture(scope="module")
def version(life: Life, scientist: Person) -> str:
    """The newest version that passed its gate; the story of a model has registered it."""
    eventually("a version is registered", lambda: life.ask("GET", "/readyz").is_success, 420)
    return str(life.ask("GET", "/readyz").json()["version"])


def test_nothing_but_the_portal_moves_the_alias(life: Life, version: str) -> None:
    said = life.kubectl(
        "exec", "-n", "mlflow", "deployment/mlflow", "--", "python", "-W", "ignore", "-c", MOVE
    )
    assert "REFUSED" in said
    assert "in the portal" in said


def test_without_an_approval_it_is_not_promoted(approver: Person, version: str) -> None:
    refused = approver.promote(MODEL, version)
    assert refused.status_code == 409
    assert "nobody has approved it" in refused.json()["error"]["message"]


def test_its_author_may_not_approve_it(scientist: Person, version: str) -> None:
    state = scientist.state(MODEL)["versions"][version]
    assert "user:default/data-scientist" in state["authors"]
    assert (state["state"], state["mayApprove"]) == ("unapproved", False)
    refused = scientist.approve(MODEL, version, "I know that it is good")
    assert refused.status_code == 403
    assert "somebody else has to approve it" in refused.json()["error"]["message"]


def test_an_empty_model_card_is_no_basis(life: Life, approver: Person, version: str) -> None:
    refused = approver.approve(MODEL, version, "Looks good")
    assert refused.status_code == 409
    assert "The model card is filled in: no" in refused.json()["error"]["message"]
    runs = len(life.runs(MODEL))
    life.change(MODEL, CARD, *ANSWERS)
    checks = approver.state(MODEL)["versions"][version]["checks"]
    assert [check["id"] for check in checks if not check["ok"]] == []
    assert len(life.runs(MODEL)) == runs, "words about a model train no other"


def test_somebody_else_approves_and_it_goes_into_production(
    life: Life, approver: Person, scientist: Person, version: str
) -> None:
    assert approver.approve(MODEL, version, "").status_code == 409
    approved = (
        approver.approve(MODEL, version, "Figures and card read; fit for planning").raise_for_status().json()
    )
    again = approver.approve(MODEL, version, "Once more")
    assert again.status_code == 409
    scientist.promote(MODEL, version).raise_for_status()
    state = scientist.state(MODEL)
    assert state["production"] == version
    approval = state["versions"][version]["approval"]
    assert (approval["by"], approval["commit"]) == ("user:default/platform-admin", approved["commit"])
    decision = life.http.get(approved["url"])
    assert decision.status_code == 200, "the commit is there for everybody to read"


def test_it_is_served_as_what_it_is(life: Life, version: str) -> None:
    life.scaffold("ml-model-service", name=LIVE, model=MODEL, alias="production", exposure="gateway")
    url = life.endpoints["backstage"].replace("backstage", LIVE, 1)
    eventually("it is served", lambda: life.http.get(f"{url}/readyz").is_success, 180)
    answer = life.http.post(f"{url}/predict", json={"instances": [FAILING]}).raise_for_status().json()
    assert (answer["predictions"], answer["version"]) == (["failing"], version)


def test_the_audit_record_holds(life: Life, version: str, tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    life.platform.idp("audit", "export", MODEL, "--to", str(file))
    record = json.loads(file.read_text())["record"]
    assert record["production"]["version"] == version
    [told] = [one for one in record["versions"] if one["version"] == version]
    assert [(a["decision"], a["by"]) for a in told["approvals"]] == [
        ("approved", "user:default/platform-admin")
    ]
    evidence = told["evidence"]
    for kept in ("data", "code", "metrics", "parameters", "explanations"):
        assert evidence[kept], f"the record has no {kept}"
    assert "" not in {*evidence["data"].values(), *evidence["code"].values()}
    assert f"component:default/{LIVE}" in [deployment["entity"] for deployment in record["deployments"]]
    assert f"# Audit record of {MODEL}" in file.with_suffix(".md").read_text()
    life.platform.idp("audit", "verify", str(file))

    forged = tmp_path / "forged.json"
    forged.write_text(file.read_text().replace(told["evidence"]["data"]["sha256"], "0" * 64))
    found = life.platform.idp("audit", "verify", str(forged), check=False)
    assert found.code == 1
    assert "data.sha256" in found.out + found.err


def test_the_portal_is_the_only_one_who_writes_decisions(life: Life) -> None:
    url = f"{life.endpoints['gitea']}/api/v1/repos/idp/governance/contents/models/{MODEL}/forged.yaml"
    for user in ("data-scientist", "platform-admin"):
        login = (user, life.platform.password(user))
        answer = life.http.post(
            url, json={"content": "eA==", "message": "Forge", "branch": "main"}, auth=login
        )
        assert answer.status_code in (403, 404, 422), f"{user} has written a decision"
