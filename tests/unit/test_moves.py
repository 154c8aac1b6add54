"""What a promotion does about a difference, and how it is taken back: cases as data, and laws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bootstrap import tree
from bootstrap.promotion import ledger, restoring
from bootstrap.promotion.difference import (
    Difference,
    FileChange,
    ImageChange,
    PackageChange,
    RefChange,
    Relation,
    RepositoryChange,
)
from bootstrap.promotion.ledger import Ledger
from bootstrap.promotion.moves import Moves, moves, source_of
from bootstrap.promotion.record import Refs

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "moves.yaml").read_text())


def named(content: str) -> str:
    return tree.blob(content.encode())


def difference(case: dict[str, Any]) -> Difference:
    file, repository = case.get("file"), case.get("repository")
    changes = (FileChange(file["path"], file.get("there"), file.get("wanted")),) if file else ()
    repositories: tuple[RepositoryChange, ...] = ()
    if repository is not None:
        old, new = repository.get("there"), repository.get("wanted")
        refs = tuple(
            RefChange(ref, (old or {}).get(ref), (new or {}).get(ref), Relation(relation))
            for ref, relation in repository["relations"].items()
        )
        repositories = (RepositoryChange("ml/iris", old, new, refs),)
    return Difference(deployments=PackageChange("deployments", changes, ()), repositories=repositories)


def brought(case: dict[str, Any]) -> Ledger:
    """Files by the blobs of their contents, refs by commits."""
    return {
        thing: tuple(value if ":" in thing else named(value) for value in values)
        for thing, values in case.get("brought", {}).items()
    }


def moved(found: Moves) -> list[str]:
    files = [f"{name}/{change.path}" for name, changes in found.files.items() for change in changes]
    refs = [f"{r.name}:{ref.name}" for r in found.repositories for ref in r.refs]
    return files + refs + [r.name for r in found.repositories if not r.refs]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_what_moves_what_stays_and_what_stands_in_the_way(case: dict[str, Any]) -> None:
    found = moves(difference(case), brought(case), case.get("chosen", ()), case.get("overwrite", ()))
    assert moved(found) == case.get("moves", [])
    assert list(found.stays) == case.get("stays", [])
    assert found.diverged == case.get("diverged", {})
    assert bool(found) == bool(case.get("moves"))
    if "services" in case:
        assert list(found.services) == case["services"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_a_promotion_that_was_done_leaves_nothing_that_stands_in_the_way_of_the_next(
    case: dict[str, Any],
) -> None:
    """Whatever moved is in the ledger, so that the source may change or remove it later."""
    found = moves(difference(case), brought(case), case.get("chosen", ()), case.get("overwrite", ()))
    after = ledger.settled(brought(case), found.coming(), found.going())
    for changes in found.files.values():
        for change in changes:
            if change.new is not None:
                later = FileChange(change.path, change.new, None)
                again = moves(Difference(deployments=PackageChange("deployments", (later,), ())), after)
                assert moved(again)
                assert not again.diverged


def test_what_idp_renders_is_a_matter_of_the_platform() -> None:
    assert moves(Difference(images=(ImageChange("gitea", "sha256:1", "sha256:2"),)), {}).platform
    assert moves(Difference(templates=(FileChange("a", None, "b"),)), {}).platform
    assert not moves(Difference(), {})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("spec: {source: {repoURL: 'http://gitea.gitea.svc:3000/ml/iris.git'}}", "ml/iris"),
        ("spec: {source: {repoURL: 'https://git.example.org/a/b/c'}}", "b/c"),
        ("spec: {sources: []}", ""),
        ("- a", ""),
        ("{", ""),
        (None, ""),
    ],
)
def test_an_application_says_what_it_is_made_from(text: str | None, wanted: str) -> None:
    assert source_of(text) == wanted


TREES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("123"), max_size=4)


@given(TREES, TREES)
def test_taking_back_restores_what_was_before(before: dict[str, str], after: dict[str, str]) -> None:
    back = restoring.files(before, after, after)
    found = {**after, **back.files}
    assert {path: blob for path, blob in found.items() if blob is not None} == before
    assert not back.changed_since


@given(TREES, TREES, TREES)
def test_taking_back_touches_nothing_that_somebody_has_changed_since(
    before: dict[str, str], after: dict[str, str], now: dict[str, str]
) -> None:
    back = restoring.files(before, after, now)
    assert all(now.get(path) == after.get(path) for path in back.files)
    for path in back.changed_since:
        assert now.get(path) not in (before.get(path), after.get(path))
        assert before.get(path) != after.get(path)


@given(TREES, TREES)
def test_taking_back_what_was_half_done_is_as_good(before: dict[str, str], after: dict[str, str]) -> None:
    """Some of it is already as before: that is no change of somebody's."""
    half = {**after, **{path: before[path] for path in list(before)[:2]}}
    back = restoring.files(before, after, half)
    found = {path: blob for path, blob in {**half, **back.files}.items() if blob is not None}
    assert found == before


def test_refs_that_a_promotion_did_not_move_are_left_alone() -> None:
    moved_refs = Refs(before={"refs/heads/main": "1"}, after={"refs/heads/main": "2", "refs/tags/v1": "3"})
    now = {"refs/heads/main": "2", "refs/tags/v1": "3", "refs/heads/own": "9"}
    assert restoring.refs(moved_refs, now).files == {"refs/heads/main": "1", "refs/tags/v1": None}


def test_a_ledger_survives_its_file_and_a_spoilt_one_is_empty() -> None:
    kept = ledger.widened({"deployments/a": ("1",)}, [("deployments/a", "2"), ("ml/x:refs/heads/main", "3")])
    assert kept["deployments/a"] == ("1", "2")
    assert ledger.parsed(ledger.text(kept).encode()) == kept
    assert ledger.settled(kept, [("deployments/a", "2")], ["ml/x:refs/heads/main"]) == {
        "deployments/a": ("2",)
    }
    assert all(ledger.parsed(spoilt) == {} for spoilt in (b"", b"[1]", b"{", b'{"a": 1}'))
