"""Reads of Git itself through Gitea's API: refs, commits and blobs by their ids."""

from __future__ import annotations

import base64
from urllib.parse import quote

from bootstrap.giteaapi import Api

#: What Gitea answers for a repository without a commit.
_NOTHING = (404, 409)


class Objects(Api):
    """Git objects as one account may read them; ids are full SHA-1 or SHA-256 names."""

    def organisations(self) -> set[str]:
        """Names of all organisations; needs an administrator."""
        return {str(organisation["name"]) for organisation in self._pages("admin/orgs")}

    def refs(self, org: str, repo: str) -> dict[str, str]:
        """Branches and tags -> the id that each leads to; none in a repository without a commit."""
        answer = self._ask("GET", f"repos/{org}/{repo}/git/refs")
        listed = [] if answer.status_code in _NOTHING else self._checked(answer) or []
        return {
            ref["ref"]: ref["object"]["sha"]
            for ref in listed
            if ref["ref"].startswith(("refs/heads/", "refs/tags/"))
        }

    def blob(self, org: str, repo: str, name: str) -> bytes:
        """The content of a file by its blob."""
        return base64.b64decode(self._get(f"repos/{org}/{repo}/git/blobs/{name}")["content"])

    def commit_id(self, org: str, repo: str, commit: str) -> str:
        """The full id of a commit that may be named shorter; empty where there is none."""
        found = self._find(f"repos/{org}/{repo}/git/commits/{quote(commit)}")
        return str(found["sha"]) if found else ""

    def is_ancestor(self, org: str, repo: str, older: str, newer: str) -> bool:
        """Has the repository both commits, and does `newer` hold all that `older` does?"""
        if older == newer:
            return True
        found = self._find(f"repos/{org}/{repo}/compare/{newer}...{older}")
        return found is not None and found["total_commits"] == 0
