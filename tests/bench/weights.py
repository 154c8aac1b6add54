"""A registered model with artifacts of a size, made on one platform and removed from any without a trace."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from bootstrap import shell
from bootstrap.mlflow import Mlflow
from bootstrap.parallel import gather
from bootstrap.promotion import models, places
from bootstrap.promotion.session import Reached
from tests.bench.rest import GIB

#: Bytes in a file at most: as large models are saved, and the store joins one from its parts by a copy.
FILE = GIB // 2
#: Bytes that are left free.
_FLOOR = 3 * GIB
_ASKING = """
import json, sys, urllib.request
def ask(method, path, body=None):
    request = urllib.request.Request(
        "http://mlflow.mlflow.svc:5000/api/2.0/" + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    return json.load(urllib.request.urlopen(request, timeout=300))
"""
MAKING = f"""{_ASKING}
name = sys.argv[1]
experiment = ask("POST", "mlflow/experiments/create", {{"name": name}})["experiment_id"]
run = ask("POST", "mlflow/runs/create", {{"experiment_id": experiment, "run_name": name}})["run"]["info"]
ask("POST", "mlflow/runs/update", {{"run_id": run["run_id"], "status": "FINISHED"}})
ask("POST", "mlflow/registered-models/create", {{"name": name}})
source = run["artifact_uri"] + "/model"
version = {{"name": name, "source": source, "run_id": run["run_id"]}}
ask("POST", "mlflow/model-versions/create", version)
print(json.dumps({{"run": run["run_id"], "root": source.split(":/", 1)[1].strip("/")}}))
"""
REMOVING = f"""{_ASKING}
for key in sys.argv[1:]:
    ask("DELETE", "mlflow-artifacts/artifacts/" + key)
"""


@dataclass(frozen=True)
class Made:
    """A model with one version; its artifacts lie below `root`, on every platform."""

    name: str
    run: str
    root: str


def make(at: Reached, name: str, size: int) -> Made:
    made = Made(name, **json.loads(_in_the_pod(at, MAKING, name)))
    with closing(places.models(at)) as door:
        for key, length in files(made.root, size):
            _send(door, key, length)
    return made


def remove(at: Reached, made: Made) -> None:
    """Its rows as if a promotion had brought them, and its artifacts, which no promotion takes away."""
    rows = {"versions": {"1": made.run}, "things": [made.run], "experiments": [made.name], "aliases": {}}
    with closing(places.models(at)) as door:
        door.withdraw(made.name, {**rows, "model": True})
        _in_the_pod(at, REMOVING, *door.sizes([made.root]))


def files(root: str, size: int) -> Iterator[tuple[str, int]]:
    """Key and bytes of each file."""
    for number, start in enumerate(range(0, size, FILE)):
        yield f"{root}/weights-{number:02}.bin", min(FILE, size - start)


def lacking(at: Reached, size: int) -> str:
    """Why there is no room for artifacts on both sides, in words; empty where there is."""
    asked = ["df", "--block-size=1", "--output=avail", "/"]
    free = int(shell.run(["docker", "exec", _node(at), *asked], timeout=60).out.split()[-1])
    needed = 2 * size + min(size, FILE) + _FLOOR
    return "" if free >= needed else f"it takes {needed / GIB:.1f} GiB of disk, {free / GIB:.1f} are free"


def _send(door: Mlflow, key: str, size: int) -> None:
    """Random bytes, made as they are sent."""
    upload = door.begin(key)

    def send(number: int, start: int, length: int) -> str:
        return door.write_part(key, upload, number, os.urandom(length))

    tags = gather(partial(send, *part) for part in models.parts(key, size))
    door.complete(key, upload, tags, size)


def _in_the_pod(at: Reached, script: str, *arguments: str) -> str:
    line = ["docker", "exec", _node(at), "kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf"]
    within = ["exec", "-n", "mlflow", "deployment/mlflow", "--", "python", "-c", script]
    return shell.run([*line, *within, *arguments], timeout=600).out


def _node(at: Reached) -> str:
    return f"{at.plan.facts.name}-control-plane"
