"""What fills a platform for the benchmark of the portal: names and figures that are the same each time."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping
from typing import Any

import yaml

#: Everything of it bears this tag, and sorts behind what the golden paths made.
TAG = "scale"
OWNER = "group:default/ml-team"
HOUR = 3_600_000

#: For MLflow's pod: reads runs from standard input and logs each by three questions, as a pipeline does.
LOGGING = """
import json, sys, urllib.request
def ask(path, body):
    request = urllib.request.Request(
        "http://mlflow.mlflow.svc:5000/api/2.0/mlflow/" + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    return json.load(urllib.request.urlopen(request, timeout=30))
given = json.load(sys.stdin)
query = "experiments/get-by-name?experiment_name=" + given["experiment"]
address = "http://mlflow.mlflow.svc:5000/api/2.0/mlflow/" + query
experiment = json.load(urllib.request.urlopen(address, timeout=30))["experiment"]["experiment_id"]
for run in given["runs"]:
    made = ask("runs/create", {"experiment_id": experiment, **run["create"]})["run"]["info"]["run_id"]
    ask("runs/log-batch", {"run_id": made, **run["log"]})
    ask("runs/update", {"run_id": made, **run["end"]})
print(len(given["runs"]))
"""


def entities(count: int) -> list[dict[str, Any]]:
    """Products of one team, each a system with data, pipeline, model and service that hang together."""
    made: list[dict[str, Any]] = []
    for number in range(math.ceil(count / 5)):
        made += _product(f"{TAG}-{number:04}")
    return made[:count]


def catalogue(count: int) -> str:
    """All of them as one file, as a repository would describe itself."""
    return yaml.safe_dump_all(entities(count), sort_keys=False)


def runs(count: int, begins: int) -> list[dict[str, Any]]:
    """Bodies for MLflow: runs an hour apart that end at `begins` (milliseconds), slowly getting better."""
    return [_run(number, begins - (count - number) * HOUR) for number in range(count)]


def workflows(template: Mapping[str, Any], count: int) -> str:
    """Copies of a run that has ended, as a list for the API server.

    The controller leaves alone what is labelled as completed, and Argo CD what it does not track.
    """
    items = []
    for number in range(count):
        one = copy.deepcopy(dict(template))
        found = one["metadata"]
        one["metadata"] = {
            "name": f"{found['name']}-{TAG}-{number:04}",
            "namespace": found["namespace"],
            "labels": {**found.get("labels", {}), "workflows.argoproj.io/completed": "true"},
        }
        # Nobody is to sweep them up while they are counted.
        one["spec"].pop("ttlStrategy", None)
        items.append(one)
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def _product(name: str) -> list[dict[str, Any]]:
    data = _entity("Resource", f"{name}-data", "dataset", name)
    pipeline = _entity(
        *("Component", name, "ml-pipeline", name),
        dependsOn=[f"resource:default/{name}-data"],
        annotations={
            "argocd/app-name": name,
            "backstage.io/kubernetes-namespace": f"ml-{name}",
            "idp.dev/mlflow-experiment": name,
            "idp.dev/workflow-template": name,
        },
    )
    model = _entity(
        *("Resource", name, "ai-model", name),
        dependsOn=[f"resource:default/{name}-data", f"component:default/{name}"],
        annotations={"idp.dev/mlflow-experiment": name, "idp.dev/mlflow-model": name},
    )
    service = _entity(
        *("Component", f"{name}-api", "model-server", name),
        dependsOn=[f"resource:default/{name}"],
        annotations={"argocd/app-name": f"{name}-api", "idp.dev/mlflow-model": name},
    )
    system = _entity("System", name, "", "")
    return [system, data, pipeline, model, service]


def _entity(
    kind: str, name: str, kind_of: str, system: str, annotations: dict[str, str] | None = None, **spec: Any
) -> dict[str, Any]:
    said = {"type": kind_of, "lifecycle": "experimental", "owner": OWNER, "system": system, **spec}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {
            "name": name,
            "description": f"{kind_of or 'product'} number {name.split('-')[1]} of the benchmark",
            "annotations": annotations or {},
            "tags": [TAG],
        },
        "spec": {key: value for key, value in said.items() if value},
    }


def _run(number: int, start: int) -> dict[str, Any]:
    accuracy = 0.95 - 0.3 / (1 + number / 40) + 0.02 * math.sin(number)
    metrics = {"accuracy": accuracy, "f1": accuracy - 0.02, "rows_test": 48.0, "seconds": 20 + number % 7}
    params = {"trees": 50 + number % 100, "max_depth": 3 + number % 9, "seed": number}
    end = start + 60_000
    return {
        "create": {"run_name": f"{TAG}-{number:04}", "start_time": start},
        "log": {
            "metrics": [
                {"key": key, "value": value, "timestamp": end, "step": 0} for key, value in metrics.items()
            ],
            "params": [{"key": key, "value": str(value)} for key, value in params.items()],
        },
        "end": {"status": "FINISHED", "end_time": end},
    }
