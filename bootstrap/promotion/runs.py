"""Pipeline runs that come with the models that they made.

A pipeline runs once for each state of its code; where its models are promoted, so is the run of that state:
as ended as it is. Otherwise the target would train them a second time, and they would not be the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from bootstrap.kube import Cluster, Object
from bootstrap.parallel import gather

WORKFLOW = "argoproj.io/v1alpha1/Workflow"
_SERVERS = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")
_OWNERS = ("ownerReferences", "finalizers")


def carry(source: Cluster, target: Cluster, runs: Iterable[tuple[str, str]]) -> int:
    """Bring runs by namespace and name to the target; returns how many were not there.

    A run that the source no longer has, or that has not succeeded, does not come.
    """
    named = sorted(set(runs))
    there = gather(partial(target.get, WORKFLOW, name, namespace) for namespace, name in named)
    lacking = [each for each, found in zip(named, there, strict=True) if found is None]
    found = gather(partial(source.get, WORKFLOW, name, namespace) for namespace, name in lacking)
    missing = [carried(run) for run in found if run and ended(run)]
    target.apply([*_namespaces(missing), *missing], force=True)
    return len(missing)


def ended(run: Object) -> bool:
    """Would a controller leave it alone?"""
    completed = run["metadata"].get("labels", {}).get("workflows.argoproj.io/completed") == "true"
    return completed and str(run.get("status", {}).get("phase")) == "Succeeded"


def carried(run: Object) -> Object:
    """A run without what belongs to the cluster that it ran in."""
    metadata = {k: v for k, v in run["metadata"].items() if k not in (*_SERVERS, *_OWNERS)}
    return {**run, "metadata": metadata, "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow"}


def _namespaces(objects: Iterable[Object]) -> list[Object]:
    names = sorted({o["metadata"]["namespace"] for o in objects})
    return [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names]
