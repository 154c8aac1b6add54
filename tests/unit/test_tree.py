"""The difference between files and a repository is pure; cases are data."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from bootstrap import tree

CASES = yaml.safe_load((Path(__file__).parent / "cases/tree.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_changes(case: dict[str, Any]) -> None:
    local = {path: text.encode() for path, text in case["local"].items()}
    remote = {path: tree.blob(text.encode()) for path, text in case["remote"].items()}
    changes = tree.changes(local, remote, case["ours"])
    assert [f"{c.operation} {c.path}" for c in changes] == case["changes"]
    for change in changes:
        assert (change.replaces == "") == (change.operation == "create")
        assert change.replaces in ("", remote.get(change.path))


@given(some.binary())
def test_a_blob_has_the_length_of_sha1(content: bytes) -> None:
    assert len(tree.blob(content)) == 40


@pytest.mark.parametrize("content", [b"", b"one\n", "ü\r\n".encode(), bytes(range(256))])
def test_blobs_are_named_as_git_names_them(content: bytes) -> None:
    done = subprocess.run(
        ["git", "hash-object", "--stdin", "--no-filters"], input=content, capture_output=True, check=True
    )
    assert tree.blob(content) == done.stdout.decode().strip()


@given(
    some.dictionaries(some.text(min_size=1), some.binary()),
    some.dictionaries(some.text(min_size=1), some.binary()),
)
def test_applying_the_changes_leads_to_the_wanted_files(
    local: dict[str, bytes], old: dict[str, bytes]
) -> None:
    """Whatever idp wrote before: afterwards the wanted files are there, and a second run does nothing."""
    remote = {path: tree.blob(content) for path, content in old.items()}
    for change in tree.changes(local, remote, set(old)):
        if change.operation == "delete":
            del remote[change.path]
        else:
            remote[change.path] = tree.blob(change.content)
    assert remote == {path: tree.blob(content) for path, content in local.items()}
    assert tree.changes(local, remote, set(old)) == []


def test_the_record_names_itself_and_survives_a_round() -> None:
    files = tree.recorded({"b": b"", "a": b""})
    assert tree.written(files[tree.RECORD]) == {"a", "b", tree.RECORD}


@pytest.mark.parametrize("record", [b"", b"no json", b"{}", b"[1, 2]"])
def test_a_spoilt_record_names_nothing(record: bytes) -> None:
    assert tree.written(record) == frozenset()
