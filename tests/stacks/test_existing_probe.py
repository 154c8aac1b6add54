"""Where a cluster that exists keeps volumes: the platform's, and those of services, which name no class."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bootstrap import plan as planning
from bootstrap.finding import State
from bootstrap.model import Target
from stacks.existing import probe

PLAN = planning.load("reference", Target("local", "demo"))


@pytest.mark.parametrize(
    ("wanted", "classes", "default", "state"),
    [
        ("fast", ("fast",), "fast", None),
        ("fast", ("fast", "slow"), "slow", State.WARN),
        ("fast", ("fast",), "", State.WARN),
        ("fast", ("slow",), "slow", State.FAIL),
        ("", ("slow",), "", State.FAIL),
        ("standard", (), "", None),
    ],
)
def test_volumes(wanted: str, classes: tuple[str, ...], default: str, state: State | None) -> None:
    seen = probe.Seen("id", (1, 34), True, classes, default, {}, {})
    plan = replace(PLAN, facts=replace(PLAN.facts, storage_class=wanted))
    assert [finding.state for finding in probe.judge(seen, plan)] == ([state] if state else [])
