"""Pipeline runs that come along with models."""

from __future__ import annotations

from typing import Any

import pytest

from bootstrap.promotion import runs


def run(name: str, phase: str = "Succeeded", completed: str = "true") -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {
            "name": name,
            "namespace": "ml-iris",
            "uid": "1-2",
            "resourceVersion": "7",
            "managedFields": [{}],
            "ownerReferences": [{}],
            "labels": {"workflows.argoproj.io/completed": completed},
            "annotations": {"argocd.argoproj.io/tracking-id": "iris"},
        },
        "spec": {"workflowTemplateRef": {"name": "iris"}},
        "status": {"phase": phase, "finishedAt": "2026-11-26T13:45:10Z"},
    }


class FakeCluster:
    """A cluster that holds runs, and what is applied to it."""

    def __init__(self, *held: dict[str, Any]) -> None:
        self.held = {(o["metadata"]["namespace"], o["metadata"]["name"]): o for o in held}
        self.applied: list[dict[str, Any]] = []

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        assert kind == runs.WORKFLOW
        return self.held.get((namespace, name))

    def apply(self, objects: list[dict[str, Any]], *, force: bool) -> None:
        assert force
        self.applied += objects


def carried(source: FakeCluster, target: FakeCluster, *names: str) -> int:
    return runs.carry(source, target, [("ml-iris", name) for name in names])  # type: ignore[arg-type]


def test_a_run_comes_as_ended_as_it_is_and_belongs_to_no_other_cluster() -> None:
    target = FakeCluster()
    assert carried(FakeCluster(run("a")), target, "a") == 1
    namespace, workflow = target.applied
    assert (namespace["kind"], namespace["metadata"]["name"]) == ("Namespace", "ml-iris")
    assert workflow["status"] == run("a")["status"]
    assert workflow["metadata"]["labels"] == {"workflows.argoproj.io/completed": "true"}
    assert not {"uid", "resourceVersion", "managedFields", "ownerReferences"} & workflow["metadata"].keys()


@pytest.mark.parametrize(
    "held", [(), (run("a", "Failed"),), (run("a", "Running", "false"),), (run("a", completed="false"),)]
)
def test_a_run_that_would_begin_again_or_is_gone_does_not_come(held: tuple[dict[str, Any], ...]) -> None:
    target = FakeCluster()
    assert carried(FakeCluster(*held), target, "a") == 0
    assert not target.applied


def test_a_run_that_is_there_is_left_alone() -> None:
    target = FakeCluster(run("a"))
    assert carried(FakeCluster(run("a"), run("b")), target, "a", "b", "b") == 1
    assert [o["metadata"]["name"] for o in target.applied] == ["ml-iris", "b"]
