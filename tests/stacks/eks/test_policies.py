"""The rules hold for what the engine asks, and each fails where it is broken."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.eks.engine import settings_of
from stacks.policies.rules import RULES, Settings, violations
from tests.stacks.eks.support import PLACES, PROFILES, declared, profile
from tests.stacks.eks.test_engine import CASES

SEEDED = CASES["violations"]


@pytest.mark.parametrize("region", PLACES)
@pytest.mark.parametrize("name", PROFILES)
def test_the_engine_keeps_every_rule(region: str, name: str) -> None:
    settings = settings_of(profile(name))
    for resource in declared(region, name).resources.values():
        assert violations(resource.type, resource.inputs, settings) == [], resource.name


@pytest.mark.parametrize("case", SEEDED, ids=lambda case: f"{case['name']} of {case['resource']}")
def test_a_broken_rule_is_reported(case: dict[str, Any]) -> None:
    resource = declared("eu-central-1", "team").resources[case["resource"]]
    broken = {key: value for key, value in (resource.inputs | case["change"]).items() if value is not None}
    found = violations(resource.type, broken, Settings(production=case.get("production", False)))
    assert case["name"] in {text.partition(":")[0] for text in found}


def test_every_rule_has_been_seen_to_fail() -> None:
    assert {rule.name for rule in RULES} == {case["name"] for case in SEEDED}
