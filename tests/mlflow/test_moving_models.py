"""Registered models from one real MLflow to another: the same there, nothing twice, and back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from bootstrap import mlflow
from bootstrap.errors import IdpError
from bootstrap.progress import silent
from bootstrap.promotion import models
from bootstrap.promotion.difference import ModelChange, Relation
from tests.mlflow.servers import Server, docker, running

pytestmark = pytest.mark.engine

MIB = 2**20
#: Tables that a withdrawal leaves as it found them.
TABLES = (
    *("runs", "tags", "params", "metrics", "latest_metrics", "inputs", "input_tags", "datasets"),
    *("experiments", "experiment_tags", "logged_models", "logged_model_metrics"),
    *("model_versions", "model_version_tags", "registered_models", "registered_model_aliases"),
)
#: The decision as the guard lets the portal alone make it.
DECIDED = """insert into registered_model_aliases (workspace, name, alias, version)
values ('default', 'decided', 'production', 1)"""
MOVED = "update registered_model_aliases set version = 2 where name = 'decided' and alias = 'production'"
SEEN = "select version from registered_model_aliases where name = 'decided' and alias = 'production'"
#: A trial of a sweep, then a run with everything that a run can have, and a version of it.
TRAIN = """
import json, os, tempfile
from mlflow import MlflowClient
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput

client = MlflowClient()
experiment, number, size = {experiment!r}, {number}, {size}
found = client.get_experiment_by_name(experiment)
home = found.experiment_id if found else client.create_experiment(experiment, tags={{"team": "pumps"}})
trial = client.create_run(home, run_name="trial").info.run_id
client.log_metric(trial, "rmse", float("nan"))
client.log_metric(trial, "worst", float("inf"))
client.set_terminated(trial)
run = client.create_run(home, run_name=f"train {{number}}", tags={{"code.commit": "c" * 40}}).info.run_id
client.log_param(run, "depth", number)
for step in range(5):
    client.log_metric(run, "loss", 1 / 3 ** step, timestamp=1700000000000 + step, step=step)
data = Dataset("pumps", "d" * 8, "code", json.dumps({{"tags": {{}}}}), schema='{{"columns": []}}')
client.log_inputs(run, [DatasetInput(data, [InputTag("mlflow.data.context", "training")])])
about = {{"tags": {{"kind": "tree"}}, "params": {{"a": "b"}}}}
logged = client.create_logged_model(home, name="model", source_run_id=run, **about)
client.log_outputs(run, [LoggedModelOutput(logged.model_id, step=0)])
measured = {{"model_id": logged.model_id, "dataset_name": "pumps", "dataset_digest": "d" * 8}}
client.log_metric(run, "rmse", 0.1 + 0.2, **measured)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "grün & 100% #1.txt")
    open(path, "w").write("notes")
    client.log_artifact(run, path, "notes")
    open(os.path.join(folder, "empty"), "w").close()
    client.log_artifact(run, os.path.join(folder, "empty"))
    weights = os.path.join(folder, "weights.bin")
    with open(weights, "wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
        file.write(os.urandom(3))
    client.log_model_artifact(logged.model_id, weights)
client.finalize_logged_model(logged.model_id, "READY")
client.set_terminated(run)
try:
    client.create_registered_model({model!r}, tags={{"owner": "pumps"}}, description="Pumps")
except Exception as error:
    assert "exists" in str(error)
source = f"models:/{{logged.model_id}}"
tags = {{"model.sha256": "a" * 63 + str(number)}}
version = client.create_model_version({model!r}, source, run, tags=tags, model_id=logged.model_id)
client.set_registered_model_alias({model!r}, "candidate", version.version)
print(json.dumps({{"run": run, "trial": trial, "logged": logged.model_id, "home": home}}))
"""


@pytest.fixture(scope="module")
def servers(image: Callable[[str], str]) -> Iterator[list[Server]]:
    with running(image, ["one", "two"]) as started:
        yield started


def train(server: Server, model: str, experiment: str, number: int = 1, size: int = 0) -> dict[str, str]:
    said = server.python(TRAIN.format(model=model, experiment=experiment, number=number, size=size))
    made: dict[str, str] = json.loads(said.splitlines()[-1])
    return made


def changes(a: Server, b: Server, *names: str) -> tuple[ModelChange, ...]:
    return models.compare(a.transfer().listing(), b.transfer().listing(), names)


def moved(a: Server, b: Server, change: ModelChange) -> models.Transferred:
    return models.transfer(a.transfer(), b.transfer(), change, silent())


def run_of(server: Server, run: str) -> Any:
    """A run as MLflow's API tells it, but for the number of its experiment."""
    found: Any = server.api("runs/get", run_id=run)["run"]
    assert found["info"].pop("experiment_id")
    history = server.api("metrics/get-history", run_id=run, metric_key="loss")
    data = {kind: sorted(some, key=str) for kind, some in found["data"].items()}
    return found["info"], data, found.get("inputs"), found.get("outputs"), history


def logged_of(server: Server, model: str) -> Any:
    found: Any = server.api(f"logged-models/{model}")["model"]
    assert found["info"].pop("experiment_id")
    said = {**found["info"], **found["data"]}
    return {key: sorted(some, key=str) if isinstance(some, list) else some for key, some in said.items()}


def model_of(server: Server, name: str) -> Any:
    """Model, versions and aliases but `production`."""
    found: Any = server.api("registered-models/get", name=name)["registered_model"]
    aliases = [alias for alias in found.pop("aliases", []) if alias["alias"] != "production"]
    found.pop("latest_versions")
    query = f"name='{name}'"
    listed: Any = server.api("model-versions/search", filter=query)["model_versions"]
    for version in listed:
        version["aliases"] = [alias for alias in version.get("aliases", []) if alias != "production"]
    return found, aliases, listed


def keys_of(server: Server) -> dict[str, int]:
    locations = "select artifact_uri from runs union select artifact_location from logged_models"
    homes = server.psql(locations).split()
    return server.transfer().sizes([home.removeprefix("mlflow-artifacts:/") for home in homes])


def test_a_model_is_the_same_on_the_other_side(servers: list[Server]) -> None:
    a, b = servers
    # The experiment has another number there, and a run of its own; the number here is taken there.
    b.api("experiments/create", {"name": "elsewhere"})
    own = b.api("experiments/create", {"name": "pumps"})["experiment_id"]
    own_run: Any = b.api("runs/create", {"experiment_id": own})
    first = train(a, "pump", "pumps", 1, size=40 * MIB)
    second = train(a, "pump", "pumps", 2)
    assert first["home"] != own

    (change,) = changes(a, b, "pump")
    assert change.relation is Relation.NEW
    assert [(v.number, v.run, v.sha256[-1]) for v in change.versions] == [
        ("1", first["run"], "1"),
        ("2", second["run"], "2"),
    ]
    assert change.aliases == {"candidate": (None, "2")}
    done = moved(a, b, change)
    assert done.versions == 2
    assert done.artifacts == 6

    for made in (first, second):
        assert run_of(b, made["run"]) == run_of(a, made["run"])
        assert run_of(b, made["trial"]) == run_of(a, made["trial"])
        assert logged_of(b, made["logged"]) == logged_of(a, made["logged"])
    assert model_of(b, "pump") == model_of(a, "pump")
    assert keys_of(b) == keys_of(a)
    for key in keys_of(a):
        assert b.artifact(key) == a.artifact(key)
    # It is found by the experiment's number there, beside the run that was there before.
    found: Any = b.api("runs/search", {"experiment_ids": [own]})
    assert {run["info"]["run_id"] for run in found["runs"]} >= {
        own_run["run"]["info"]["run_id"],
        first["run"],
        first["trial"],
    }
    # Experiments are made as before, with numbers that nobody has.
    assert b.api("experiments/create", {"name": "later"})["experiment_id"]
    assert changes(a, b, "pump") == ()


def test_a_second_transfer_sends_nothing(servers: list[Server]) -> None:
    a, b = servers
    train(a, "twice", "twice")
    (change,) = changes(a, b, "twice")
    moved(a, b, change)
    b.asked.clear()
    assert changes(a, b, "twice") == ()
    assert b.asked == ["GET models"]
    b.asked.clear()
    assert moved(a, b, change) == models.Transferred(1, 0, 0)
    assert b.asked == ["GET artifacts", "PUT models/rows"]
    assert changes(a, b, "twice") == ()


def test_only_what_changed_is_moved(servers: list[Server]) -> None:
    a, b = servers
    made = train(a, "grown", "grown")
    moved(a, b, changes(a, b, "grown")[0])
    more = train(a, "grown", "grown", 2)
    a.api("runs/set-tag", {"run_id": made["trial"], "key": "note", "value": "odd"})
    a.api("registered-models/alias", {"name": "grown", "alias": "odd", "version": "1"})
    (change,) = changes(a, b, "grown")
    assert change.relation is Relation.BEHIND
    assert [version.number for version in change.versions] == ["2"]
    assert set(change.added) == {more["run"], more["trial"], more["logged"]}
    assert change.changed == (made["trial"],)
    assert change.aliases == {"candidate": ("1", "2"), "odd": (None, "1")}
    assert moved(a, b, change).artifacts == 3
    assert model_of(b, "grown") == model_of(a, "grown")
    assert run_of(b, made["trial"]) == run_of(a, made["trial"])
    a.api("registered-models/alias", {"name": "grown", "alias": "odd"}, "DELETE")
    a.api("model-versions/delete", {"name": "grown", "version": "1"}, "DELETE")
    (change,) = changes(a, b, "grown")
    assert change.aliases == {"odd": ("1", None)}
    moved(a, b, change)
    assert changes(a, b, "grown") == ()
    assert b.api("model-versions/get", name="grown", version="1")  # no transfer takes a version away


def test_an_aborted_transfer_is_finished_by_the_next(servers: list[Server]) -> None:
    a, b = servers
    train(a, "broken", "broken", size=40 * MIB)
    (change,) = changes(a, b, "broken")

    def cut(request: httpx.Request) -> None:
        if request.method == "PUT" and request.url.params.get("part") == "2":
            raise KeyboardInterrupt

    b.before = cut
    with pytest.raises(KeyboardInterrupt):
        moved(a, b, change)
    b.before = None
    assert changes(a, b, "broken") == (change,)  # no rows without artifacts
    assert moved(a, b, change).artifacts == 1  # the small ones are there
    assert changes(a, b, "broken") == ()


def test_production_is_decided_on_each_platform(servers: list[Server]) -> None:
    a, b = servers
    train(a, "decided", "decided")
    a.psql(DECIDED)
    (change,) = changes(a, b, "decided")
    assert change.aliases == {"candidate": (None, "1")}
    moved(a, b, change)
    aliases: Any = b.api("registered-models/get", name="decided")["registered_model"]
    assert [alias["alias"] for alias in aliases["aliases"]] == ["candidate"]

    b.psql(DECIDED)
    train(a, "decided", "decided", 2)
    a.psql(MOVED)
    moved(a, b, changes(a, b, "decided")[0])
    assert b.psql(SEEN) == "1"
    with pytest.raises(IdpError, match="version 1 of decided is in production here"):
        models.withdraw(b.transfer(), change)


def test_what_has_diverged_is_refused(servers: list[Server]) -> None:
    a, b = servers
    train(a, "apart", "apart")
    export = a.transfer().export("apart", changes(a, b, "apart")[0].added)
    theirs = train(b, "apart", "apart")
    (change,) = changes(a, b, "apart")
    assert change.relation is Relation.DIVERGED
    assert change.conflicts == ("1",)
    with pytest.raises(IdpError, match="IDP-M022"):
        moved(a, b, change)
    with pytest.raises(IdpError, match="diverged: its versions 1"):
        b.transfer().bring("apart", export.rows)  # the server itself, too
    b.api("model-versions/delete", {"name": "apart", "version": "1"}, "DELETE")  # the way out
    moved(a, b, changes(a, b, "apart")[0])
    assert changes(a, b, "apart") == ()
    assert b.api("runs/get", run_id=theirs["run"])


def test_what_was_brought_is_taken_back(servers: list[Server]) -> None:
    a, b = servers
    train(a, "back", "back")
    rows = "; ".join(f"select count(*) from {table}" for table in TABLES)  # noqa: S608 - our own names
    nothing = b.psql(rows)
    (first,) = changes(a, b, "back")
    moved(a, b, first)
    one, described = b.psql(rows), model_of(b, "back")
    train(a, "back", "back", 2)
    (second,) = changes(a, b, "back")
    moved(a, b, second)
    models.withdraw(b.transfer(), second)
    assert b.psql(rows) == one
    assert model_of(b, "back")[1:] == described[1:]
    assert changes(a, b, "back")[0].versions == second.versions
    assert moved(a, b, second).artifacts == 0
    assert model_of(b, "back") == model_of(a, "back")
    models.withdraw(b.transfer(), second)
    models.withdraw(b.transfer(), first)
    assert b.psql(rows) == nothing
    (again,) = changes(a, b, "back")
    moved(a, b, again)
    assert model_of(b, "back") == model_of(a, "back")


@pytest.mark.parametrize("path", ["models", "artifacts/object?key=1/x", ""])
def test_nobody_comes_in_without_the_secret(servers: list[Server], path: str) -> None:
    a, b = servers
    for token in ("", "wrong", b.token):
        headers = {"X-Idp-Transfer": token}
        answer = httpx.get(f"{a.url}/idp/transfer/{path}", headers=headers, trust_env=False)
        assert answer.status_code == 403
    with pytest.raises(IdpError, match="status 403"):
        a.transfer("wrong").listing()


@pytest.mark.parametrize("key", ["../secrets", "1/../../x", "x/1", "1", "1//x", "/1/x"])
def test_only_keys_of_artifacts_are_written(servers: list[Server], key: str) -> None:
    with pytest.raises(IdpError, match="status 400"):
        servers[0].transfer().write(key, b"x")


def test_rows_of_another_schema_are_refused(servers: list[Server]) -> None:
    a, b = servers
    listing = b.transfer().listing()
    other = mlflow.Listing("other", listing.models, listing.experiments)
    with pytest.raises(IdpError, match="differ in their schema"):
        models.compare(a.transfer().listing(), other)
    with pytest.raises(IdpError, match="of schema other"):
        b.transfer().bring("x", json.dumps({"schema": "other", "rows": {}}).encode())


@pytest.mark.slow
def test_a_gibibyte_moves_through_the_smallest_server(servers: list[Server]) -> None:
    a, b = servers
    train(a, "large", "large", size=1024 * MIB)
    (change,) = changes(a, b, "large")
    began = time.monotonic()
    done = moved(a, b, change)
    print(f"{done.size / MIB / (time.monotonic() - began):.0f} MiB/s")  # noqa: T201
    assert done.size > 1024 * MIB
    for server in (a, b):
        state = docker("inspect", "--format", "{{.State.Running}} {{.State.OOMKilled}}", server.container)
        assert state == "true false"
