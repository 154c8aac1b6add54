"""What taking a promotion back would do to a platform's own repositories."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bootstrap import tree
from bootstrap.promotion import rollback
from bootstrap.promotion.record import Commits, Person, Record, Side, State
from tests.unit.fakegitea import FakeGitea

DEPLOYMENTS = "idp/deployments"


def entry(before: str, after: str) -> Record:
    here = Side(name="b", domain="b.localhost")
    return Record(
        id="1",
        state=State.DONE if after else State.BEGUN,
        source=here,
        target=here,
        by=Person(name="Jane"),
        begun="2026-11-26T13:45:10Z",
        platform={DEPLOYMENTS: Commits(before=before, after=after)},
        files={DEPLOYMENTS: ("iris.yaml", "old.yaml")},
    )


def test_what_somebody_deployed_meanwhile_stays() -> None:
    git = FakeGitea()
    there = git.repository(DEPLOYMENTS)
    readme = tree.recorded({"README.md": b"1"})
    before = there.commit({**readme, "old.yaml": b"1"})
    # The promotion adds one and removes one; somebody deploys another one while it waits.
    after = there.commit({**readme, "iris.yaml": b"1", "somebodys.yaml": b"1"})
    for done in (after, ""):
        back = rollback._back(git.client(), DEPLOYMENTS, entry(before, done))
        assert set(back.files) == {"iris.yaml", "old.yaml"}
        assert back.files["iris.yaml"] is None
        assert not back.changed_since


def test_what_idp_rendered_goes_back_with_its_record() -> None:
    git = FakeGitea()
    there = git.repository(DEPLOYMENTS)
    before = there.commit(tree.recorded({"README.md": b"1"}))
    after = there.commit({**tree.recorded({"README.md": b"2", "NEW.md": b"1"}), "own.yaml": b"1"})
    back = rollback._back(git.client(), DEPLOYMENTS, entry(before, after))
    assert set(back.files) == {tree.RECORD, "README.md", "NEW.md"}


@pytest.mark.parametrize(
    ("after", "head", "restored", "back"),
    [
        ("2", "3", True, True),  # it went back in an earlier run
        ("2", "2", False, False),
        ("1", "1", True, False),  # the promotion never touched it
        ("", "1", True, False),  # nor did one that is unfinished
        ("", "3", True, True),
    ],
)
def test_models_go_back_before_the_platform_does(after: str, head: str, restored: bool, back: bool) -> None:
    """Once it is back, MLflow may be of before, and there is nothing to ask it."""
    git = FakeGitea()
    git.repository("idp/platform").refs["refs/heads/main"] = head
    for name in ("catalog", "templates", "deployments"):
        git.repository(f"idp/{name}")
    found = SimpleNamespace(
        entry=entry("", "").but(platform={"idp/platform": Commits(before="1", after=after)}),
        files={} if restored else {"idp/platform": object()},
        at=SimpleNamespace(git=git.client()),
    )
    assert rollback._platform_is_back(found) is back  # type: ignore[arg-type]


def test_what_was_changed_since_is_named() -> None:
    git = FakeGitea()
    there = git.repository(DEPLOYMENTS)
    before = there.commit(tree.recorded({}))
    after = there.commit({**tree.recorded({}), "iris.yaml": b"1"})
    there.commit({**tree.recorded({}), "iris.yaml": b"mine"})
    back = rollback._back(git.client(), DEPLOYMENTS, entry(before, after))
    assert back.changed_since == ("iris.yaml",)
