"""Why a platform is not ready: what the cluster says -> one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import why

CASES = yaml.safe_load((Path(__file__).parent / "cases/why.yaml").read_text())


@pytest.mark.parametrize("case", CASES["pods"], ids=lambda case: case["name"])
def test_pods(case: dict[str, Any]) -> None:
    expected = [case["line"]] if case["line"] else []
    assert why.blocked([case["pod"]], case.get("events", [])) == expected


@pytest.mark.parametrize("case", CASES["applications"], ids=lambda case: case["name"])
def test_applications(case: dict[str, Any]) -> None:
    assert why.complaint(case["application"]) == case["line"]


def test_long_reasons_are_cut() -> None:
    application = {
        "metadata": {"name": "x"},
        "status": {"conditions": [{"type": "SyncError", "message": "much " * 200}]},
    }
    assert len(why.complaint(application)) <= 240
