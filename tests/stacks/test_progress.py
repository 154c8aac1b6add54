"""Pulumi's events as steps, and providers' errors as errors for users."""

from __future__ import annotations

import pytest
from pulumi.automation.events import EngineEvent

from bootstrap.errors import IdpError
from bootstrap.progress import Event, Progress
from stacks.dynamic import error_in, reporting
from stacks.progress import Steps

CLUSTER = "pulumi-python:dynamic/idp:KindCluster"
SECRET = "kubernetes:core/v1:Secret"


def event(kind: str, type_: str, name: str, op: str = "create") -> EngineEvent:
    metadata = {"op": op, "type": type_, "urn": f"urn:pulumi:idp::idp::{type_}::{name}", "provider": ""}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, kind: {"metadata": metadata}})


def run(*events: EngineEvent) -> tuple[Steps, list[tuple[str, str, bool]]]:
    seen: list[Event] = []
    steps = Steps(Progress(seen.append))
    for one in events:
        steps.on_event(one)
    steps.close()
    return steps, [(e.kind, e.title, e.ok) for e in seen]


def test_what_takes_long_is_named_and_small_objects_share_a_step() -> None:
    steps, seen = run(
        event("resourcePreEvent", CLUSTER, "cluster"),
        event("resOutputsEvent", CLUSTER, "cluster"),
        event("resourcePreEvent", SECRET, "a"),
        event("resOutputsEvent", SECRET, "a"),
        event("resourcePreEvent", SECRET, "b"),
        event("resOutputsEvent", SECRET, "b"),
    )
    assert seen == [
        ("start", "create kind cluster", True),
        ("end", "create kind cluster", True),
        ("start", "create namespaces and secrets", True),
        ("end", "create namespaces and secrets", True),
    ]
    assert steps.changes == {"create": 3}
    assert steps.created == {"cluster", "a", "b"}


def test_a_failed_resource_is_a_failed_step() -> None:
    _, seen = run(
        event("resourcePreEvent", CLUSTER, "cluster"), event("resOpFailedEvent", CLUSTER, "cluster")
    )
    assert seen[-1] == ("end", "create kind cluster", False)


def test_a_step_that_was_cut_short_has_failed() -> None:
    _, seen = run(event("resourcePreEvent", CLUSTER, "cluster"))
    assert seen[-1] == ("end", "create kind cluster", False)


def test_what_stays_the_same_is_silent() -> None:
    steps, seen = run(
        event("resourcePreEvent", CLUSTER, "cluster", "same"),
        event("resOutputsEvent", CLUSTER, "cluster", "same"),
    )
    assert (steps.changes, seen) == ({}, [])


def test_errors_cross_the_process_boundary() -> None:
    @reporting
    def fail() -> None:
        raise IdpError("IDP-P007", "no cluster", "because\nof this", "try again", ["a", "b"], 2)

    with pytest.raises(RuntimeError) as caught:
        fail()
    found = error_in(f"error: Exception calling application: {caught.value}\nmore")
    assert found == IdpError("IDP-P007", "no cluster", "because\nof this", "try again", ["a", "b"], 2)


def test_text_without_an_error_of_ours() -> None:
    assert error_in("error: something else {}") is None
    assert error_in("idp-error:{broken}") is None
