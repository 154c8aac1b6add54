"""Pull requests of Gitea and what people say of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from bootstrap import http
from bootstrap.giteaapi import Api, Json

#: What Gitea answers to a merge that it cannot make, or not yet, and seconds that it may take to tell.
_NOT_YET, _MERGEABLE_WITHIN = 405, 60.0
_APPROVED, _REFUSED = "APPROVED", "REQUEST_CHANGES"


@dataclass(frozen=True)
class Pull:
    """An open pull request: its number, page, branch and newest commit."""

    number: int
    url: str
    branch: str
    commit: str


@dataclass(frozen=True)
class Review:
    """The last word of one account about a pull request's newest commit."""

    login: str
    name: str
    email: str
    at: str
    url: str
    approves: bool


class Reviews(Api):
    """Pull requests as one account may see and change them."""

    def pulls(self, org: str, repo: str) -> list[Pull]:
        """The open ones."""
        answer = self._ask("GET", f"repos/{org}/{repo}/pulls", params={"state": "open", "limit": 50})
        found = [] if answer.status_code == 404 else self._checked(answer) or []
        return [_pull(each) for each in found]

    def open_pull(self, org: str, repo: str, branch: str, title: str, text: str) -> Pull:
        body = {"base": "main", "head": branch, "title": title, "body": text}
        return _pull(self._send("POST", f"repos/{org}/{repo}/pulls", body))

    def reviews(self, org: str, repo: str, pull: Pull) -> list[Review]:
        """What each account last said of the newest commit; what it said of an older one does not count."""
        said: dict[str, Json] = {}
        for each in self._pages(f"repos/{org}/{repo}/pulls/{pull.number}/reviews"):
            counts = each["state"] in (_APPROVED, _REFUSED) and not each["dismissed"] and not each["stale"]
            if counts and each["commit_id"] == pull.commit:
                said[each["user"]["login"]] = each
        return [_review(each) for each in said.values()]

    def merge_pull(self, org: str, repo: str, pull: Pull) -> None:
        """Merge; Gitea finds out in the background whether that is possible, and refuses until it has."""
        body = {"Do": "merge", "head_commit_id": pull.commit, "delete_branch_after_merge": True}
        path = f"repos/{org}/{repo}/pulls/{pull.number}/merge"
        merge = partial(self._ask, "POST", path, json=body)
        self._checked(http.asked_again(merge, (_NOT_YET,), _MERGEABLE_WITHIN))

    def close_pull(self, org: str, repo: str, pull: Pull) -> None:
        """Close without merging, and forget the branch."""
        self._send("PATCH", f"repos/{org}/{repo}/pulls/{pull.number}", {"state": "closed"})
        self._send("DELETE", f"repos/{org}/{repo}/branches/{pull.branch}")

    def members(self, org: str, team: str) -> set[str]:
        """Logins of a team's members; nobody where there is no such team."""
        found = next((t for t in self._pages(f"orgs/{org}/teams") if t["name"] == team), None)
        return {m["login"] for m in self._pages(f"teams/{found['id']}/members")} if found else set()


def _pull(found: Json) -> Pull:
    return Pull(int(found["number"]), found["html_url"], found["head"]["ref"], found["head"]["sha"])


def _review(found: Json) -> Review:
    user = found["user"]
    name = user.get("full_name") or user["login"]
    said = found["state"] == _APPROVED
    return Review(
        user["login"], name, user.get("email", ""), found["submitted_at"], found.get("html_url", ""), said
    )
