"""Repositories from one real Gitea to another, and the book of promotions in one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from bootstrap import plan as planning
from bootstrap.errors import IdpError
from bootstrap.gitea import Gitea, User
from bootstrap.model import Plan, Target
from bootstrap.progress import silent
from bootstrap.promotion import carrying, gate, mirror, places
from bootstrap.promotion.book import Book
from bootstrap.promotion.difference import RefChange, Relation, RepositoryChange
from bootstrap.promotion.mirror import Push, Remote
from bootstrap.promotion.record import Person, Record, Side, State
from tests.unit import giteaserver

pytestmark = pytest.mark.engine

MAIN, TAG = "refs/heads/main", "refs/tags/v1"


def plan_of(name: str) -> Plan:
    return planning.load("minimal", Target("local", name))


SCOPES = ["write:admin", "write:organization", "write:repository", "write:user"]


@dataclass(frozen=True)
class Platform:
    """One Gitea as its administrator has it, and as Git reaches it."""

    git: Gitea
    remote: Remote
    server: giteaserver.Server

    def refs(self, name: str) -> dict[str, str]:
        return self.git.refs(*name.split("/"))


@pytest.fixture(scope="module")
def two(
    image: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Platform, Platform]]:
    """The source and the target."""
    with ExitStack() as held, pytest.MonkeyPatch.context() as patch:
        sides = []
        for name in "ab":
            server = held.enter_context(giteaserver.running(image))
            token = server.as_user("admin", server.password).issue_token("admin", "idp", SCOPES)
            git = server.with_token(token)
            git.ensure_org("ml", "Machine learning")
            git.ensure_org("idp", "Platform")
            sides.append(Platform(git, Remote(name, server.url, token), server))
        patch.setenv("IDP_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield sides[0], sides[1]


@dataclass(frozen=True)
class Clone:
    """A working copy of a repository on the source."""

    folder: Path
    name: str
    remote: Remote

    def run(self, *arguments: str) -> str:
        line = ["git", "-c", "user.name=Jane", "-c", "user.email=jane@example.org", *arguments]
        environment = {"PATH": "/usr/bin:/bin", **self.remote.environment()}
        done = subprocess.run(
            line, cwd=self.folder, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, text: str, *, push: bool = True) -> str:
        (self.folder / "file").write_text(text)
        self.run("add", ".")
        self.run("commit", "--quiet", "--message", text)
        if push:
            self.run("push", "--quiet", self.remote.repository(self.name), "HEAD:refs/heads/main")
        return self.run("rev-parse", "HEAD")


@pytest.fixture
def clone(two: tuple[Platform, Platform], tmp_path: Path, request: pytest.FixtureRequest) -> Clone:
    """A new repository on the source with two commits, a branch and a tag that is an object of its own."""
    name = "ml/" + request.node.name[:30].strip("_").replace("_", "-")
    two[0].git.ensure_repo(*name.split("/"))
    made = Clone(tmp_path, name, two[0].remote)
    made.run("init", "--quiet", "--initial-branch=main")
    made.commit("one")
    made.commit("two")
    made.run("tag", "--annotate", "v1", "--message", "The first")
    made.run("push", "--quiet", two[0].remote.repository(name), "v1", "main:refs/heads/side")
    return made


def carried(two: tuple[Platform, Platform], name: str, before: dict[str, str] | None = None) -> None:
    two[1].git.ensure_repo(*name.split("/"))
    refs = two[0].refs(name)
    moving = [Push(ref, commit, (before or {}).get(ref, "")) for ref, commit in refs.items()]
    mirror.carry(name, two[0].remote, two[1].remote, moving)


def test_history_branches_and_tags_arrive_as_they_are(two: tuple[Platform, Platform], clone: Clone) -> None:
    carried(two, clone.name)
    assert two[1].refs(clone.name) == two[0].refs(clone.name)
    assert {MAIN, TAG, "refs/heads/side"} <= two[1].refs(clone.name).keys()
    listed = clone.run("ls-remote", two[1].remote.repository(clone.name))
    assert clone.run("rev-parse", "v1") in listed, "the tag's own words are lost"
    org, repo = clone.name.split("/")
    first = clone.run("rev-list", "--max-parents=0", "HEAD")
    assert two[1].git.has_commit(org, repo, first)


def test_a_tag_on_a_commit_that_is_known_already_moves(two: tuple[Platform, Platform], clone: Clone) -> None:
    carried(two, clone.name)
    clone.run("tag", "plain", "HEAD~1")
    clone.run("tag", "--annotate", "second", "HEAD~1", "--message", "Another one")
    clone.run("push", "--quiet", two[0].remote.repository(clone.name), "plain", "second")
    carried(two, clone.name, two[1].refs(clone.name))
    assert two[1].refs(clone.name) == two[0].refs(clone.name)
    listed = clone.run("ls-remote", two[1].remote.repository(clone.name))
    assert f"{clone.run('rev-parse', 'second')}\trefs/tags/second\n" in listed


def test_moving_what_is_there_already_is_no_error(two: tuple[Platform, Platform], clone: Clone) -> None:
    carried(two, clone.name)
    carried(two, clone.name)
    assert two[1].refs(clone.name) == two[0].refs(clone.name)


def test_a_target_that_moved_meanwhile_keeps_everything(two: tuple[Platform, Platform], clone: Clone) -> None:
    """All or nothing: one branch that is no longer as it was listed holds all others back."""
    carried(two, clone.name)
    before = two[1].refs(clone.name)
    newer = clone.commit("three")
    with pytest.raises(IdpError, match="IDP-M013"):
        mirror.carry(
            clone.name,
            two[0].remote,
            two[1].remote,
            [Push(MAIN, newer, before[MAIN]), Push("refs/heads/side", newer, "0" * 40)],
        )
    assert two[1].refs(clone.name) == before


def test_a_source_that_moved_meanwhile_is_told(two: tuple[Platform, Platform], clone: Clone) -> None:
    two[1].git.ensure_repo(*clone.name.split("/"))
    with pytest.raises(IdpError, match="IDP-M012"):
        mirror.carry(clone.name, two[0].remote, two[1].remote, [Push(MAIN, "1" * 40, "")])


def test_a_spoilt_copy_in_the_cache_is_made_anew(two: tuple[Platform, Platform], clone: Clone) -> None:
    carried(two, clone.name)
    folder = mirror.fetched(clone.name, two[0].remote, {MAIN: two[0].refs(clone.name)[MAIN]})
    for pack in folder.glob("objects/**/*"):
        if pack.is_file():
            pack.chmod(0o600)
            pack.write_bytes(b"spoilt")
    newer = clone.commit("three")
    carried(two, clone.name, two[1].refs(clone.name))
    assert two[1].refs(clone.name)[MAIN] == newer


def test_what_is_overwritten_can_come_back(two: tuple[Platform, Platform], clone: Clone) -> None:
    carried(two, clone.name)
    lost = clone.commit("theirs", push=False)
    clone.run("push", "--quiet", "--force", two[0].remote.repository(clone.name), "HEAD:refs/heads/main")
    carried(two, clone.name, two[1].refs(clone.name))
    clone.run("reset", "--quiet", "--hard", "HEAD~1")
    ours = clone.commit("ours", push=False)
    clone.run("push", "--quiet", "--force", two[0].remote.repository(clone.name), "HEAD:refs/heads/main")
    mirror.keep(clone.name, two[1].remote, "20261126", [lost])
    mirror.keep(clone.name, two[1].remote, "20261126", [lost])  # a rerun
    carried(two, clone.name, two[1].refs(clone.name))
    assert two[1].refs(clone.name)[MAIN] == ours
    folder = mirror.held(clone.name, two[1].remote, [lost])
    mirror.sent(clone.name, folder, two[1].remote, [Push(MAIN, lost, ours)])
    assert two[1].refs(clone.name)[MAIN] == lost
    assert not any("promotions" in ref for ref in two[1].refs(clone.name))


@pytest.mark.parametrize("private", [True, False])
def test_who_may_see_a_repository_does_not_change(two: tuple[Platform, Platform], private: bool) -> None:
    """Neither an organisation nor a repository becomes public by a promotion."""
    source, target = two
    org = f"team-{private}".lower()
    source.git.ensure_org(org, "A team", visibility="private" if private else "public")
    source.git.ensure_repo(org, "notes", "Notes", private=private, auto_init=True)
    reached = [
        SimpleNamespace(git=side.git, plan=plan_of(name)) for side, name in zip(two, "ab", strict=True)
    ]
    seen = SimpleNamespace(source=reached[0], target=reached[1])
    change = RepositoryChange(
        f"{org}/notes",
        None,
        source.refs(f"{org}/notes"),
        tuple(RefChange(ref, None, c, Relation.NEW) for ref, c in source.refs(f"{org}/notes").items()),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "remote", lambda at: two[reached.index(at)].remote)
        with silent().step("repositories") as step:
            carrying.bring_repositories(seen, [change], "20261126", step)  # type: ignore[arg-type]
    assert target.git.organisation(org)["visibility"] == ("private" if private else "public")  # type: ignore[index]
    found = target.git.description(org, "notes")
    assert found is not None
    assert (found["private"], found["description"]) == (private, "Notes")
    assert target.refs(f"{org}/notes") == source.refs(f"{org}/notes")


def test_files_that_name_a_platform_are_found(two: tuple[Platform, Platform], clone: Clone) -> None:
    head = clone.commit("see https://x.a.localhost:8443/y")
    folder = mirror.fetched(clone.name, two[0].remote, {MAIN: head})
    assert mirror.naming(folder, head, ["a.localhost", "idp.local/"]) == ["file"]
    assert mirror.naming(folder, head, ["b.localhost"]) == []


def test_no_secret_is_in_an_argument(two: tuple[Platform, Platform], clone: Clone) -> None:
    """A failing push is quoted in an error."""
    with pytest.raises(IdpError) as caught:
        mirror.carry("ml/missing", two[0].remote, two[1].remote, [Push(MAIN, "1" * 40, "")])
    assert two[0].remote.token not in f"{caught.value.what}{caught.value.why}"


ENTRY = Record(
    id="20261126T134510Z-a",
    state=State.BEGUN,
    source=Side(name="a", domain="a.localhost", cluster="uid-of-a"),
    target=Side(name="b", domain="b.localhost"),
    by=Person(name="Jane", email="jane@example.org"),
    begun="2026-11-26T13:45:10Z",
    difference=("service iris: new",),
    content="abc",
)


def test_the_book_keeps_records_the_newest_first_and_who_brought_what(two: tuple[Platform, Platform]) -> None:
    git = two[1].git
    assert list(Book(git).records()) == []
    book = Book(git)
    book.open("admin")
    book.write(ENTRY, {"deployments/iris.yaml": ("1",)})
    later = ENTRY.but(id="20261127T000000Z-a")
    book.write(later)
    again = Book(git)
    assert [r.id for r in again.records()] == [later.id, ENTRY.id]
    assert again.unfinished() == later
    assert again.ledger("uid-of-a") == {"deployments/iris.yaml": ("1",)}
    assert again.ledger("other") == {}
    book.write(later.but(state=State.DONE))
    assert Book(git).unfinished() == ENTRY
    commits = len(git.history("idp", "promotions", f"records/{later.id}.yaml"))
    book.write(later.but(state=State.DONE))
    assert len(git.history("idp", "promotions", f"records/{later.id}.yaml")) == commits  # nothing new


def test_what_is_under_way_is_found_without_reading_what_is_done(
    two: tuple[Platform, Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    git = two[1].git
    book = Book(git)
    book.open("admin")
    begun = Book(git).unfinished()
    for day in range(3):
        entry = ENTRY.but(id=f"2027010{day}T000000Z-a")
        book.write(entry)
        book.write(entry.but(state=State.DONE))
    waiting = ENTRY.but(id="20270101T120000Z-a", state=State.WAITING)
    book.write(waiting)
    read: list[str] = []
    blob = Gitea.blob

    def counted(self: Gitea, org: str, repo: str, name: str) -> bytes:
        read.append(name)
        return blob(self, org, repo, name)

    monkeypatch.setattr(Gitea, "blob", counted)
    assert Book(git).waiting("uid-of-a") == [waiting]
    assert Book(git).unfinished() == begun
    assert len(set(read)) == 1 + bool(begun)
    book.withdraw(waiting)
    assert Book(git).waiting("uid-of-a") == []


def test_an_approval_is_a_review_of_the_newest_commit_by_somebody_of_the_team(
    two: tuple[Platform, Platform],
) -> None:
    git, server = two[1].git, two[1].server
    people = {
        name: User(name, name.title(), f"{name}@example.org", "quite-a-password-1") for name in ("ann", "bob")
    }
    for user in people.values():
        git.ensure_user(user)
    git.ensure_team("idp", "approvers", permission="write", members=["ann"], all_repositories=True)
    git.ensure_team("idp", "others", permission="write", members=["bob"], all_repositories=True)
    book = Book(git)
    book.open("admin")
    waiting = ENTRY.but(id="20261128T000000Z-a", state=State.WAITING)
    book.write(waiting)
    pull = book.request(waiting, "What changes\n")
    assert Book(git).request_for(waiting) == pull

    def agreed() -> bool:
        reviews = git.reviews("idp", "promotions", pull)
        return gate.consent(reviews, git.members("idp", "approvers"), waiting.by) is not None

    def say(name: str, event: str) -> None:
        client = server.client(auth=(name, people[name].password))
        body = {"event": event, "body": "I have looked at it", "commit_id": pull.commit}
        path = f"repos/idp/promotions/pulls/{pull.number}/reviews"
        client.post(path, json=body).raise_for_status()

    assert not agreed()
    say("bob", "APPROVED")
    assert not agreed()
    say("ann", "APPROVED")
    assert agreed()
    say("ann", "REQUEST_CHANGES")
    assert not agreed()
    say("ann", "APPROVED")
    assert agreed()
    book.merge(pull)
    assert Book(git).request_for(waiting) is None
    assert b"What changes" in git.read("idp", "promotions", f"requests/{waiting.id}.md")


def test_what_is_no_longer_wanted_is_withdrawn(two: tuple[Platform, Platform]) -> None:
    git = two[1].git
    book = Book(git)
    book.open("admin")
    waiting = ENTRY.but(id="20261129T000000Z-a", state=State.WAITING, content="old")
    book.write(waiting)
    book.request(waiting, "What changes\n")
    book.withdraw(waiting)
    assert waiting.id not in [r.id for r in Book(git).records()]
    assert Book(git).request_for(waiting) is None
