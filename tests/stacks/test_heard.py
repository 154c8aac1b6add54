"""What is kept of Pulumi's events: changes, drift and refusals, but no values."""

from __future__ import annotations

from typing import Any

from pulumi.automation.events import EngineEvent

from stacks.heard import Change, Heard, counted
from stacks.policy import Violation, forbidden

URN = "urn:pulumi:idp::idp::aws:rds/instance:Instance::database"


def event(kind: str, **metadata: Any) -> EngineEvent:
    base = {"urn": URN, "type": URN.split("::")[2], "provider": "", "op": "create", "logical": True}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, kind: {"metadata": {**base, **metadata}}})


def heard(*events: EngineEvent) -> Heard:
    found = Heard()
    for each in events:
        found.on_event(each)
    return found


def test_a_preview_is_told_by_operation_and_resource() -> None:
    other = URN.replace("database", "a-key")
    found = heard(
        event("resourcePreEvent", op="update", diffs=["tags", "storageEncrypted"]),
        event("resourcePreEvent", urn=other),
        event("resourcePreEvent", op="same"),
        event("resourcePreEvent", type="pulumi:pulumi:Stack"),
    ).changes
    assert [(c.operation, c.name, c.properties) for c in found] == [
        ("create", "a-key", ()),
        ("update", "database", ("storageEncrypted", "tags")),
    ]
    assert counted(found) == {"create": 1, "update": 1}


def test_a_replacement_counts_once() -> None:
    """Pulumi tells it in three events, of which one is the operation that the program asked for."""
    parts = ({"op": "create-replacement", "logical": False}, {"op": "replace"})
    steps = [event("resourcePreEvent", **part) for part in parts]
    steps.append(event("resourcePreEvent", op="delete-replaced", logical=False))
    assert counted(heard(*steps).changes) == {"replace": 1}


def test_drift_is_what_changed_or_went_without_its_values() -> None:
    secret = {"old": {"inputs": {"password": "one"}}, "new": {"inputs": {"password": "two"}}}
    gone = URN.replace("database", "budget")
    found = heard(
        event("resourcePreEvent", op="refresh", logical=False),
        event("resOutputsEvent", op="update", diffs=["password"], **secret),
        event("resOutputsEvent", op="delete", urn=gone, diffs=["name"]),
        event("resOutputsEvent", op="same", urn=f"{URN}-2"),
    )
    type_ = URN.split("::")[2]
    assert found.drift == (
        Change("gone", type_, "budget"),
        Change("changed", type_, "database", ("password",)),
    )
    assert found.changes == ()


def refusal(
    level: str, message: str = "Data rests encrypted\ndatabase-encrypted: not encrypted"
) -> EngineEvent:
    said = {
        "message": message,
        "policyName": "database-encrypted",
        "enforcementLevel": level,
        "resourceUrn": URN,
    }
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "policyEvent": said})


def test_policies_that_must_hold_are_all_told_at_once() -> None:
    found = heard(refusal("mandatory"), refusal("advisory", "can't run policy"), refusal("mandatory"))
    violation = Violation("database-encrypted", "database", "not encrypted")
    assert found.violations == [violation, violation]
    error = forbidden([violation, violation, Violation("tags", "network", "it lacks the tags x")])
    assert error.code == "IDP-P022"
    assert error.faults == [
        "database: not encrypted (database-encrypted)",
        "network: it lacks the tags x (tags)",
    ]
