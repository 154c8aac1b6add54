"""The one adapter to Gitea's API: every `ensure_…` reads first and writes only what differs."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from bootstrap import http, tree
from bootstrap.giteaapi import Json
from bootstrap.giteaobjects import Objects
from bootstrap.giteareviews import Reviews

BRANCH = "main"

#: Seconds that a commit of many files may take on a busy machine.
COMMIT_WITHIN = 300.0

#: What a team may do in each part of a repository when it may write code.
_UNITS = ("code", "issues", "pulls", "releases", "wiki", "projects", "packages")


@dataclass(frozen=True)
class OAuthClient:
    """A client as Gitea issues it; the secret is empty where Gitea keeps it to itself."""

    client_id: str
    client_secret: str


@dataclass(frozen=True)
class User:
    """A person or robot; `password` is set when the account is made, never later."""

    name: str
    title: str
    email: str
    password: str = ""


class Gitea(Objects, Reviews):
    """Gitea as seen by one account; `client` carries its credentials and the base URL `…/api/v1/`."""

    def version(self) -> str:
        return str(self._get("version")["version"])

    def whoami(self) -> str | None:
        """The account's name, or None where the credentials are refused."""
        answer = self._ask("GET", "user")
        return str(answer.json()["login"]) if answer.is_success else None

    def organisation(self, name: str) -> Json | None:
        """What Gitea says of an organisation; None where it does not exist."""
        return self._find(f"orgs/{name}")

    def ensure_org(self, name: str, title: str, description: str = "", *, visibility: str = "public") -> bool:
        """An organisation, by default one that everyone who is signed in can see; True where it is new."""
        if self._find(f"orgs/{name}"):
            return False
        body = {"username": name, "full_name": title, "description": description, "visibility": visibility}
        self._send("POST", "orgs", body)
        return True

    def ensure_user(self, user: User) -> bool:
        """The account with its visible name; True where it is new. An existing password stays as it is."""
        found = self._find(f"users/{user.name}")
        profile = {"full_name": user.title, "visibility": "public"}
        if not found:
            account = {"username": user.name, "email": user.email, "password": user.password}
            self._send("POST", "admin/users", {**account, **profile, "must_change_password": False})
        elif found["full_name"] != user.title:
            login = {"login_name": user.name, "source_id": found.get("source_id", 0)}
            self._send("PATCH", f"admin/users/{user.name}", {**login, **profile})
        return not found

    def ensure_team(
        self,
        org: str,
        name: str,
        *,
        description: str = "",
        permission: str = "write",
        all_repositories: bool = False,
        creates_repositories: bool = False,
        members: Sequence[str] = (),
        repositories: Sequence[str] = (),
    ) -> bool:
        """A team of an organisation with at least these members and repositories; True where it is new."""
        teams = {team["name"]: team for team in self._pages(f"orgs/{org}/teams")}
        team = teams.get(name) or self._send(
            "POST",
            f"orgs/{org}/teams",
            {
                "name": name,
                "description": description,
                "permission": permission,
                "units_map": {f"repo.{unit}": permission for unit in _UNITS},
                "includes_all_repositories": all_repositories,
                "can_create_org_repo": creates_repositories,
            },
        )
        base = f"teams/{team['id']}"
        present = {member["login"] for member in self._pages(f"{base}/members")} if members else set()
        for member in members:
            if member not in present:
                self._send("PUT", f"{base}/members/{member}")
        held = {repo["name"] for repo in self._pages(f"{base}/repos")} if repositories else set()
        for repository in repositories:
            if repository not in held:
                self._send("PUT", f"{base}/repos/{org}/{repository}")
        return name not in teams

    def ensure_repo(
        self, org: str, name: str, description: str = "", *, auto_init: bool = False, private: bool = False
    ) -> bool:
        """A repository, by default one that everyone inside can read; True where it is new."""
        if self._find(f"repos/{org}/{name}"):
            return False
        body = {"name": name, "description": description, "private": private}
        self._send("POST", f"orgs/{org}/repos", {**body, "default_branch": BRANCH, "auto_init": auto_init})
        return True

    def description(self, org: str, repo: str) -> Json | None:
        """What Gitea says of a repository; None where it does not exist."""
        return self._find(f"repos/{org}/{repo}")

    def describe(self, org: str, repo: str, **fields: str) -> None:
        """Set fields of a repository, such as its description, website or default branch."""
        self._send("PATCH", f"repos/{org}/{repo}", fields)

    def ensure_protection(
        self, org: str, repo: str, writers: Sequence[str], mergers: Sequence[str] = ()
    ) -> bool:
        """Nobody but `writers` commits to the main branch, and nobody rewrites or deletes it; True where new.

        `mergers` may merge pull requests into it.

        Administrators are no exception until they change this rule, which Gitea's own pages show.
        """
        rules = f"repos/{org}/{repo}/branch_protections"
        wanted = {
            "enable_push": True,
            "enable_push_whitelist": True,
            "push_whitelist_usernames": list(writers),
            "push_whitelist_teams": [],
            "push_whitelist_deploy_keys": False,
            "enable_force_push": False,
            "enable_merge_whitelist": True,
            "merge_whitelist_usernames": list(mergers),
            "merge_whitelist_teams": [],
            "block_admin_merge_override": True,
        }
        found = self._find(f"{rules}/{BRANCH}")
        if not found:
            self._send("POST", rules, {"rule_name": BRANCH, **wanted})
        elif any(found.get(key, value) != value for key, value in wanted.items()):
            self._send("PATCH", f"{rules}/{BRANCH}", wanted)
        return not found

    def history(self, org: str, repo: str, path: str) -> list[Json]:
        """The commits on the main branch that touched a file, the newest first."""
        query = {"path": path, "sha": BRANCH, "limit": 50, "stat": "false", "verification": "false"}
        answer = self._ask("GET", f"repos/{org}/{repo}/commits", params=query)
        return [] if answer.status_code in (404, 409) else list(self._checked(answer))

    def has_commit(self, org: str, repo: str, commit: str) -> bool:
        return bool(self._find(f"repos/{org}/{repo}/git/commits/{quote(commit)}"))

    def repositories(self, org: str) -> set[str]:
        """Names of the repositories of an organisation that this account may read."""
        if not self._find(f"orgs/{org}"):
            return set()
        return {repository["name"] for repository in self._pages(f"orgs/{org}/repos")}

    def ensure_oauth_app(self, name: str, redirects: Sequence[str], known: OAuthClient | None) -> OAuthClient:
        """An OAuth2 client with these redirect URLs.

        `known` is what was issued before; where it is lost or no longer fits, Gitea issues a new secret.
        """
        body = {
            "name": name,
            "redirect_uris": list(redirects),
            "confidential_client": True,
            "skip_secondary_authorization": True,
        }
        path = "user/applications/oauth2"
        found = next((app for app in self._pages(path) if app["name"] == name), None)
        if not found:
            issued = self._send("POST", path, body)
        elif known and known.client_id == found["client_id"] and found["redirect_uris"] == list(redirects):
            return known
        else:
            issued = self._send("PATCH", f"{path}/{found['id']}", body)
        return OAuthClient(issued["client_id"], issued["client_secret"])

    def issue_token(self, user: str, name: str, scopes: Sequence[str]) -> str:
        """A fresh access token; one of the same name is revoked. Needs the user's password (basic auth)."""
        tokens = f"users/{user}/tokens"
        if any(token["name"] == name for token in self._pages(tokens)):
            self._send("DELETE", f"{tokens}/{name}")
        return str(self._send("POST", tokens, {"name": name, "scopes": list(scopes)})["sha1"])

    def files(self, org: str, repo: str, branch: str = BRANCH) -> dict[str, str]:
        """Path -> blob of every file; empty for a repository without a commit."""
        found: dict[str, str] = {}
        page, more = 1, True
        while more:
            query = {"recursive": "true", "page": page, "per_page": 1000}
            answer = self._ask("GET", f"repos/{org}/{repo}/git/trees/{branch}", params=query)
            if answer.is_client_error and self._get(f"repos/{org}/{repo}")["empty"]:
                return {}
            listing = self._checked(answer)
            found |= {e["path"]: e["sha"] for e in listing.get("tree") or [] if e["type"] == "blob"}
            page, more = page + 1, bool(listing.get("truncated"))
        return found

    def read(self, org: str, repo: str, path: str, branch: str = BRANCH) -> bytes:
        """A file's content; empty where it does not exist."""
        answer = self._ask("GET", f"repos/{org}/{repo}/raw/{quote(path)}", params={"ref": branch})
        return answer.content if answer.is_success else b""

    def commit_tree(self, org: str, repo: str, files: Mapping[str, bytes], message: str) -> int:
        """Bring the repository to hold `files`, in one commit; returns how many files changed, 0 for none."""
        local, remote = tree.recorded(files), self.files(org, repo)
        same_record = remote.get(tree.RECORD) == tree.blob(local[tree.RECORD])
        old = frozenset() if same_record or not remote else tree.written(self.read(org, repo, tree.RECORD))
        changes = tree.changes(local, remote, old)
        self.commit(org, repo, changes, message)
        return len(changes)

    def commit(
        self, org: str, repo: str, changes: Sequence[tree.Change], message: str, *, branch: str = ""
    ) -> None:
        """One commit with these changes, if there are any; onto a new branch where one is named."""
        if changes:
            # An interrupted first commit leaves a repository that Gitea itself takes for empty: be patient.
            contents, body = f"repos/{org}/{repo}/contents", _commit(changes, message)
            body |= {"new_branch": branch} if branch else {}
            self._checked(self._ask("POST", contents, json=body, timeout=COMMIT_WITHIN))

    def delete_file(self, org: str, repo: str, path: str, message: str) -> bool:
        """Commit the removal of a file; False where it does not exist."""
        where = f"repos/{org}/{repo}/contents/{quote(path)}"
        found = self._find(where)
        if found:
            self._send("DELETE", where, {"sha": found["sha"], "message": message, "branch": BRANCH})
        return bool(found)

    def delete_repo(self, org: str, name: str) -> bool:
        """Delete a repository with its history; False where it does not exist."""
        found = self._find(f"repos/{org}/{name}")
        if found:
            self._send("DELETE", f"repos/{org}/{name}")
        return bool(found)


def connect(instance: str, url: str, *, token: str = "", login: tuple[str, str] | None = None) -> Gitea:
    """Gitea at its public URL, with an access token, or a name and a password, or as nobody."""
    client = http.client(instance, f"{url}/api/v1/", auth=httpx.BasicAuth(*login) if login else None)
    if token:
        client.headers["Authorization"] = f"token {token}"
    return Gitea(client)


def _commit(changes: Sequence[tree.Change], message: str) -> Json:
    return {
        "message": message,
        "branch": BRANCH,
        "author": {"name": "idp", "email": "idp@localhost"},
        "files": [
            {
                "operation": change.operation,
                "path": change.path,
                "content": base64.b64encode(change.content).decode(),
                **({"sha": change.replaces} if change.replaces else {}),
            }
            for change in changes
        ],
    }
