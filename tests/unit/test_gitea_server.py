"""The adapter against a real Gitea: what it ensures is there, stays there, and is not written twice."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bootstrap import signin
from bootstrap.errors import IdpError
from bootstrap.gitea import Gitea, OAuthClient, User
from bootstrap.promotion import reading
from tests.unit import giteaserver
from tests.unit.giteaserver import Server

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def server(image: Callable[[str], str]) -> Iterator[Server]:
    with giteaserver.running(image) as made:
        yield made


@pytest.fixture(scope="module")
def git(server: Server) -> Iterator[Gitea]:
    """The administrator by an access token, as the stages work."""
    admin = server.as_user("admin", server.password)
    scopes = ["write:admin", "write:organization", "write:repository", "write:user"]
    first, second = (admin.issue_token("admin", "idp", scopes) for _ in range(2))
    assert server.with_token(first).whoami() is None  # revoked by the second
    git = server.with_token(second)
    assert git.whoami() == "admin"
    assert git.ensure_org("idp", "Platform")
    yield git
    git.close()


def test_version(git: Gitea) -> None:
    assert git.version().startswith("1.")


def test_an_organisation_is_made_once(git: Gitea) -> None:
    assert not git.ensure_org("idp", "Platform")


def test_a_user_signs_in_with_the_first_password_whatever_later_runs_say(server: Server, git: Gitea) -> None:
    user = User("scientist", "Data Scientist", "scientist@example.org", secrets.token_hex(20))
    assert git.ensure_user(user)
    assert not git.ensure_user(replace(user, password=secrets.token_hex(20)))
    assert server.as_user("scientist", user.password).whoami() == "scientist"
    assert not git.ensure_user(replace(user, title="Somebody Else"))
    with server.client() as anyone:
        assert anyone.get("users/scientist").json()["full_name"] == "Somebody Else"


def test_teams_with_members_and_repositories(server: Server, git: Gitea) -> None:
    robot = User("robot", "Robot", "robot@example.org", secrets.token_hex(20))
    git.ensure_user(robot)
    git.ensure_repo("idp", "deployments")
    git.ensure_repo("idp", "platform")

    def ensure() -> list[bool]:
        return [
            git.ensure_team("idp", "portal", members=["robot"], repositories=["deployments"]),
            git.ensure_team(
                "ml", "makers", all_repositories=True, creates_repositories=True, members=["robot"]
            ),
        ]

    git.ensure_org("ml", "Machine learning")
    assert ensure() == [True, True]
    assert ensure() == [False, False]
    as_robot = server.as_user("robot", robot.password)
    assert as_robot.commit_tree("idp", "deployments", {"a.yaml": b"a"}, "May write here") == 2
    with pytest.raises(IdpError, match="IDP-G002"):
        as_robot.commit_tree("idp", "platform", {"a.yaml": b"a"}, "May not write here")
    assert as_robot.ensure_repo("ml", "made")
    with pytest.raises(IdpError, match="IDP-G002"):
        as_robot.ensure_repo("idp", "made")


def test_a_protected_branch_is_written_by_the_one_who_is_named(server: Server, git: Gitea) -> None:
    keeper = User("keeper", "Keeper", "keeper@example.org", secrets.token_hex(20))
    git.ensure_user(keeper)
    git.ensure_repo("idp", "governance", auto_init=True)
    git.ensure_team("idp", "keepers", members=["keeper"], repositories=["governance"])
    assert git.ensure_protection("idp", "governance", ["keeper"])
    assert not git.ensure_protection("idp", "governance", ["keeper"])
    login = httpx.BasicAuth("keeper", keeper.password)
    record = {"content": "YQ==", "message": "Approve version 1", "branch": "main"}
    record |= {"author": {"name": "Ada", "email": "ada@example.org"}}  # type: ignore[dict-item]
    where = "repos/idp/governance/contents/models/pump/1.yaml"
    with server.client(auth=login) as as_keeper, server.client(auth=("admin", server.password)) as as_admin:
        made = as_keeper.post(where, json=record)
        assert made.status_code == 201, made.text
        # Who is second, without the blob's id, is told so.
        assert as_keeper.post(where, json=record).status_code == 422
        refused = as_admin.post(where.replace("1.yaml", "2.yaml"), json=record)
        assert refused.status_code in (403, 422), refused.text
        assert not as_admin.delete("repos/idp/governance/branches/main").is_success
        commit = made.json()["commit"]["sha"]
        found = as_keeper.get(f"repos/idp/governance/git/commits/{commit}").json()
        assert found["commit"]["author"]["email"] == "ada@example.org"
    assert [one["sha"] for one in git.history("idp", "governance", "models/pump/1.yaml")] == [commit]
    assert git.has_commit("idp", "governance", commit)
    assert not git.has_commit("idp", "governance", "0" * 40)
    assert git.history("idp", "governance", "models/other.yaml") == []


def test_content_is_committed_once_and_additions_survive(server: Server, git: Gitea) -> None:
    assert git.ensure_repo("idp", "content", "For a test")
    assert not git.ensure_repo("idp", "content")
    assert {"content"} <= git.repositories("idp")
    assert git.files("idp", "content") == {}
    first = {"a/ä b.yaml": "ü: 1\n".encode(), "gone.yaml": b"x", "empty": b"", "binary": bytes(range(256))}
    assert git.commit_tree("idp", "content", first, "First") == 5
    assert git.commit_tree("idp", "content", first, "Again") == 0
    assert git.read("idp", "content", "a/ä b.yaml") == first["a/ä b.yaml"]
    with server.client(auth=httpx.BasicAuth("admin", server.password)) as user:
        body = {"content": "bWluZQ==", "message": "Mine"}
        user.post("repos/idp/content/contents/mine.yaml", json=body).raise_for_status()
    second = {"a/ä b.yaml": b"new", "empty": b"", "binary": first["binary"]}
    assert git.commit_tree("idp", "content", second, "Second\n\nWith a body") == 3
    assert set(git.files("idp", "content")) == {*second, "mine.yaml", ".idp/files.json"}
    assert git.commit_tree("idp", "content", second, "Again") == 0
    with server.client() as anyone:
        commits = anyone.get("repos/idp/content/commits").json()
    assert [c["commit"]["message"].splitlines()[0] for c in commits] == ["Second", "Mine", "First"]
    assert commits[0]["commit"]["author"]["name"] == "idp"


def test_large_trees_are_read_page_by_page(git: Gitea) -> None:
    git.ensure_repo("idp", "large")
    files = {f"{i // 100}/{i}.txt": str(i).encode() for i in range(1100)}
    assert git.commit_tree("idp", "large", files, "Many") == 1101
    assert len(git.files("idp", "large")) == 1101
    assert git.commit_tree("idp", "large", files, "Many") == 0


def test_a_client_is_issued_once_and_again_when_its_secret_is_lost(git: Gitea) -> None:
    here, there = ["https://x.example.org/callback"], ["https://y.example.org/callback"]
    issued = git.ensure_oauth_app("Portal", here, None)
    assert issued.client_secret
    assert git.ensure_oauth_app("Portal", here, issued) == issued
    lost = git.ensure_oauth_app("Portal", here, None)
    assert (lost.client_id, lost.client_secret != issued.client_secret) == (issued.client_id, True)
    moved = git.ensure_oauth_app("Portal", there, lost)
    assert moved.client_id == lost.client_id
    assert git.ensure_oauth_app("Portal", there, moved) == moved


def test_its_sign_in_pages_are_understood(server: Server, git: Gitea) -> None:
    """From a client's request over Gitea's form and consent to a code; the second time without consent."""
    callback = "http://127.0.0.1:9/callback"
    client = git.ensure_oauth_app("Walk", [callback], None)
    with httpx.Client(base_url=server.url, trust_env=False) as browser:
        assert walk(browser, client, callback, server.password) == ["password", "consent"]
        assert walk(browser, client, callback, server.password) == []


def walk(browser: httpx.Client, client: OAuthClient, callback: str, password: str) -> list[str]:
    """The forms that had to be sent before Gitea went back to the client with a code."""
    query = {"client_id": client.client_id, "redirect_uri": callback, "response_type": "code"}
    page = browser.get("/login/oauth/authorize", params={**query, "state": "s & t", "scope": "openid"})
    sent: list[str] = []
    for _ in range(10):
        location = page.headers.get("location")
        if location and location.startswith(callback):
            back = parse_qs(urlsplit(location).query)
            assert back["state"] == ["s & t"]
            assert back["code"]
            return sent
        if location:
            page = browser.get(page.url.join(location))
            continue
        form = signin.next_form(page.text)
        assert form, page.text
        sent.append("password" if form.asks_password else "consent")
        page = browser.post(page.url.join(form.action), data=form.filled("admin", password))
    raise AssertionError(page.text)


def test_refs_blobs_and_histories_are_read(server: Server, git: Gitea) -> None:
    """What comparing two platforms asks, of a repository with branches, a tag, and none of it yet."""
    git.ensure_org("others", "Others")
    assert {"idp", "others"} <= git.organisations()
    git.ensure_repo("others", "empty")
    assert git.refs("others", "empty") == {}
    git.ensure_repo("others", "compared")
    where = "repos/others/compared"
    commits = []
    with server.client(auth=httpx.BasicAuth("admin", server.password)) as user:
        for number in (1, 2):
            git.commit_tree("others", "compared", {"ä b.yaml": b"\xff%d" % number}, f"Commit {number}")
            commits.append(git.refs("others", "compared")["refs/heads/main"])
        first, second = commits
        branch = {"new_branch_name": "side/way", "old_ref_name": first}
        user.post(f"{where}/branches", json=branch).raise_for_status()
        user.post(f"{where}/tags", json={"tag_name": "v1", "target": first}).raise_for_status()
        own = {"content": "eA==", "message": "Aside", "branch": "side/way"}
        user.post(f"{where}/contents/aside.txt", json=own).raise_for_status()
    refs = git.refs("others", "compared")
    aside = refs["refs/heads/side/way"]
    assert refs == {"refs/heads/main": second, "refs/heads/side/way": aside, "refs/tags/v1": first}
    assert git.blob("others", "compared", git.files("others", "compared")["ä b.yaml"]) == b"\xff2"
    assert git.blob("others", "compared", git.files("others", "compared", first)["ä b.yaml"]) == b"\xff1"
    assert git.commit_id("others", "compared", first[:8]) == first
    assert git.commit_id("others", "compared", "0" * 40) == ""
    is_ancestor = [
        git.is_ancestor("others", "compared", older, newer)
        for older, newer in (
            (first, second),
            (second, first),
            (second, aside),
            (first, aside),
            (first, first),
        )
    ]
    assert is_ancestor == [True, False, False, True, True]
    assert not git.is_ancestor("others", "compared", "0" * 40, second)
    assert not git.is_ancestor("others", "compared", first, "0" * 40)


def test_what_a_platform_holds_is_listed_and_read(git: Gitea) -> None:
    """Blobs that are known are not fetched: a wrong content under a known blob comes back as it was given."""
    for name in reading.REPOSITORIES:
        git.ensure_repo("idp", name)
        git.commit_tree("idp", name, {"all.yaml": name.encode()}, "For a comparison")
    git.ensure_org("held", "Held")
    git.ensure_repo("held", "one", auto_init=True)
    listed = reading.listing(git)
    assert set(listed.refs["held/one"]) == {"refs/heads/main"}
    assert not any(name.startswith("idp/") for name in listed.refs)
    known = {listed.blobs["catalog"]["all.yaml"]: b"given"}
    found = reading.read(git, listed, known)
    assert (found.catalogue, found.templates) == ({"all.yaml": "given"}, {"all.yaml": "templates"})
    assert found.manifests["platform"]["all.yaml"] == "platform"
