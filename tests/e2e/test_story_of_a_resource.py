"""Infrastructure by self-service on a real cluster: nothing is made before a commit approves the plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from bootstrap.http import client
from bootstrap.portal import PortalClient
from tests.e2e.life import Life, eventually
from tests.platform import Platform

pytestmark = pytest.mark.cluster

NAME = "orders-store"
NAMESPACE = f"ml-{NAME}"
#: As the owner of the database, over TCP, with the password from its Secret; $0 is the server.
ASK = """
export PGHOST="$0" PGUSER="$(cat /credentials/username)" PGPASSWORD="$(cat /credentials/password)"
export PGDATABASE="$PGUSER"
psql --no-psqlrc -qAt -c 'CREATE TABLE orders (id int)' -c 'INSERT INTO orders VALUES (42)' -c 'TABLE orders'
"""


@pytest.fixture(scope="module")
def user(platform: Platform) -> Iterator[Life]:
    endpoints = platform.status()["endpoints"]
    portal = PortalClient.for_instance(platform.name, endpoints["backstage"], data=platform.data)
    portal.sign_in("data-scientist", platform.password("data-scientist"))
    with portal, client(platform.name, data=platform.data) as http:
        made = Life(platform, portal, http, endpoints)
        if portal.entity(f"resource:default/{NAME}") is None:
            made.scaffold("cloud-resource", name=NAME, place="local", kind="database", size="small")
        yield made


@pytest.fixture(scope="module")
def fingerprint(user: Life) -> str:
    """What the preview asks to be approved, once the run waits for it."""

    def waits() -> bool:
        nodes = [
            node for run in user.runs(NAME)[:1] for node in run.get("status", {}).get("nodes", {}).values()
        ]
        return any((node["type"], node["phase"]) == ("Suspend", "Running") for node in nodes)

    eventually("a run that waits for approval", waits, 240)
    found = re.search(r'approved = "([0-9a-f]{16})"', user.log(user.runs(NAME)[0]))
    assert found
    return found[1]


def made(user: Life) -> list[str]:
    found = user.kubectl("get", "statefulsets,services", "-n", NAMESPACE, "-o", "name")
    return found.split()


def test_the_plan_is_shown_and_nothing_is_made(user: Life, fingerprint: str) -> None:
    said = user.log(user.runs(NAME)[0])
    assert re.search(rf"create +kubernetes:apps/v1:StatefulSet {NAME}", said), said
    assert made(user) == []
    assert user.runs(NAME)[0]["status"]["phase"] == "Running"


def test_another_fingerprint_approves_nothing(user: Life, fingerprint: str) -> None:
    other = "0" * len(fingerprint)
    user.change(NAME, "approval/approval.toml", ('approved = ""', f'approved = "{other}"'))

    def asked() -> bool:
        jobs = json.loads(user.kubectl("get", "jobs", "-n", NAMESPACE, "-o", "json"))["items"]
        return any(job.get("status", {}).get("active") or job.get("status", {}).get("failed") for job in jobs)

    eventually("the approval's job", asked, 120)
    assert made(user) == []
    user.change(NAME, "approval/approval.toml", (other, fingerprint))


def test_the_approved_plan_is_carried_out(user: Life, fingerprint: str) -> None:
    run = user.finished(NAME, 1, 300)
    assert run["status"]["phase"] == "Succeeded", user.log(run)
    assert f"statefulset.apps/{NAME}" in made(user)
    user.kubectl("wait", "-n", NAMESPACE, "--for=condition=Ready", f"pod/{NAME}-0", "--timeout=50s")
    assert "42" in user.kubectl("exec", "-n", NAMESPACE, f"{NAME}-0", "--", "bash", "-c", ASK, NAME)


def test_it_is_in_the_catalogue_with_its_program(user: Life) -> None:
    entity = user.portal.entity(f"resource:default/{NAME}")
    assert entity
    assert entity["spec"]["type"] == "postgresql-database"
    assert f"component:default/{NAME}" in json.dumps(entity["relations"])
