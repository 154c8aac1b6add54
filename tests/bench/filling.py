"""A platform as it is after a year: the catalogue, MLflow and Workflows filled with what nobody looks at."""

from __future__ import annotations

import base64
import json
import time

from tests.bench import seeding
from tests.e2e.life import MODEL, Life, eventually

REPOSITORY = "scale"
ENTITIES, RUNS, WORKFLOWS = 1000, 500, 100
SAID = (
    f"{ENTITIES} entities of one team in the catalogue, {RUNS} runs in MLflow, {WORKFLOWS} runs in Workflows"
)
#: Runs that are written by one command in MLflow's pod.
_AT_A_TIME = 100
#: Until the catalogue and the search have done with what is new.
_SETTLE = 90.0


def fill(life: Life) -> None:
    """1,000 entities, 500 runs in the experiment of the pipeline, 100 runs of it in the cluster."""
    _runs(life)
    _workflows(life)
    _entities(life)
    time.sleep(_SETTLE)


def _entities(life: Life) -> None:
    """A repository that describes them; the catalogue looks for such by itself."""
    admin = ("platform-admin", life.platform.password("platform-admin"))
    gitea = f"{life.endpoints['gitea']}/api/v1"
    repository = {"name": REPOSITORY, "auto_init": True, "default_branch": "main"}
    life.http.post(f"{gitea}/orgs/ml/repos", json=repository, auth=admin).raise_for_status()
    text = base64.b64encode(seeding.catalogue(ENTITIES).encode()).decode()
    file = f"{gitea}/repos/ml/{REPOSITORY}/contents/catalog-info.yaml"
    body = {"content": text, "message": "Describe many products", "branch": "main"}
    life.http.post(file, json=body, auth=admin, timeout=120).raise_for_status()
    eventually(f"the catalogue knows {ENTITIES} more", lambda: known(life) >= ENTITIES, 1200)


def known(life: Life) -> int:
    """How many of them the catalogue has taken up."""
    query = {"filter": f"metadata.tags={seeding.TAG}", "limit": 1, "fields": "kind"}
    answer = life.portal.get("/api/catalog/entities/by-query", params=query).json()
    return int(answer["totalItems"])


def _runs(life: Life) -> None:
    made = seeding.runs(RUNS, time.time_ns() // 1_000_000)
    pod = ["exec", "--stdin", "-n", "mlflow", "deployment/mlflow", "--", "python", "-c", seeding.LOGGING]
    for first in range(0, RUNS, _AT_A_TIME):
        part = made[first : first + _AT_A_TIME]
        given = json.dumps({"experiment": MODEL, "runs": part})
        assert int(life.kubectl(*pod, given=given, seconds=300)) == len(part)


def _workflows(life: Life) -> None:
    ended = life.finished(MODEL, 1, 420)
    life.kubectl("create", "-f", "-", given=seeding.workflows(ended, WORKFLOWS), seconds=120)
