"""The plan is a pure function of definitions and target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import definitions, paths, plan
from bootstrap.definitions import PackageChoice, PackageDefinition, StackDefinition
from bootstrap.errors import IdpError
from bootstrap.model import Plan, Target

CASES = yaml.safe_load((Path(__file__).parent / "cases/plan.yaml").read_text())


CLOUD = definitions.stack("reference", paths.stacks()).cloud


def planned(case: dict[str, Any]) -> Plan:
    settings = case.get("settings", {})
    definition = StackDefinition(
        description="",
        packages={name: PackageChoice(settings=settings.get(name, {})) for name in case["packages"]},
        sizes={"default": {"cpus": 1, "memory_gib": 1, "disk_gib": 1}},  # type: ignore[dict-item]
        cloud=CLOUD if case.get("kind") == "cloud" and not case.get("no_cloud") else None,
    )
    contracts = {
        name: PackageDefinition(
            description="", version="1", requires=requires, **case.get("contracts", {}).get(name, {})
        )
        for name, requires in case["packages"].items()
    }
    target = Target(case.get("kind", "local"), case.get("target", "demo"))
    return plan.resolve(
        "s",
        definition,
        contracts,
        Path("packages"),
        target,
        case.get("size", ""),
        profile=case.get("profile", ""),
        domain=case.get("domain", ""),
    )


@pytest.mark.parametrize("case", [c for c in CASES if "order" in c], ids=lambda case: case["name"])
def test_order(case: dict[str, Any]) -> None:
    assert [p.name for p in planned(case).packages] == case["order"]


@pytest.mark.parametrize("case", [c for c in CASES if "faults" in c], ids=lambda case: case["name"])
def test_all_faults_at_once(case: dict[str, Any]) -> None:
    with pytest.raises(IdpError) as caught:
        planned(case)
    assert len(caught.value.faults) == len(case["faults"])
    for expected, fault in zip(case["faults"], caught.value.faults, strict=True):
        assert fault.startswith(expected)


@pytest.mark.parametrize("case", [c for c in CASES if "shares" in c], ids=lambda case: case["name"])
def test_shares(case: dict[str, Any]) -> None:
    plan = planned(case)
    found = [[share.secret, share.namespace] for share in (*plan.databases, *plan.buckets)]
    assert found == case["shares"]


def test_urls_follow_from_name_and_port() -> None:
    facts = planned({"packages": {"gitea": []}, "target": "room-7"}).facts
    assert facts.url("gitea") == "https://gitea.room-7.localhost:8443"
