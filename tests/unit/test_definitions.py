"""Definitions: what a user writes wrong is reported completely and where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import definitions, paths
from bootstrap.errors import WRONG_USE, IdpError

CASES = yaml.safe_load((Path(__file__).parent / "cases/definitions.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_faults(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(case["text"])
    with pytest.raises(IdpError) as caught:
        definitions.stack(str(file), tmp_path)
    assert caught.value.code == "IDP-A002"
    assert caught.value.exit_code == WRONG_USE
    assert len(caught.value.faults) == len(case["faults"])
    for expected in case["faults"]:
        assert any(expected in fault for fault in caught.value.faults), (expected, caught.value.faults)
    assert all(fault.startswith(str(file)) for fault in caught.value.faults)


def test_unknown_stack_lists_the_known_ones() -> None:
    with pytest.raises(IdpError, match="no-such") as caught:
        definitions.stack("no-such", paths.stacks())
    assert "minimal, reference" in caught.value.why


def test_unknown_packages_are_named_together() -> None:
    with pytest.raises(IdpError) as caught:
        definitions.packages(["gitea", "nothing", "nowhere"], paths.packages())
    assert "nothing, nowhere" in caught.value.what


def test_a_bucket_is_named_as_object_stores_want_it(tmp_path: Path) -> None:
    contract = tmp_path / "web/package.yaml"
    contract.parent.mkdir()
    contract.write_text("description: x\nversion: '1'\nbuckets: [ok-name, ab, Bad]\n")
    with pytest.raises(IdpError) as caught:
        definitions.packages(["web"], tmp_path)
    assert [fault.partition(": ")[2] for fault in caught.value.faults] == [
        "buckets.1: the name of a bucket has at least 3 characters",
        "buckets.2: must be a DNS label: a-z, 0-9 and '-', starting with a letter, at most 40",
    ]


def test_a_fact_that_no_target_has_is_refused(tmp_path: Path) -> None:
    contract = tmp_path / "web/package.yaml"
    contract.parent.mkdir()
    contract.write_text(
        "description: x\nversion: '1'\nwhere: {secret: vault}\n"
        "secrets:\n  a: {keys: {}, where: {databases: managed, size: small}}\n"
    )
    with pytest.raises(IdpError) as caught:
        definitions.packages(["web"], tmp_path)
    assert [fault.partition("; ")[0].partition(": ")[2] for fault in caught.value.faults] == [
        "where: no such fact: secret",
        "secrets.a.where: no such fact: databases",
    ]


@pytest.mark.parametrize("stack", sorted(paths.stacks().glob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_definitions_are_sound(stack: Path) -> None:
    definition = definitions.stack(stack.stem, paths.stacks())
    assert definitions.packages(list(definition.packages), paths.packages())
