"""A Gitea in memory that answers what comparing asks, and counts it. The real one: test_gitea_server.py."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from bootstrap import tree
from bootstrap.gitea import Gitea

Json = Any


@dataclass
class Repository:
    """Commits as files and a parent, and the refs that lead to them."""

    commits: dict[str, tuple[Mapping[str, bytes], str]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    def commit(self, files: Mapping[str, bytes], ref: str = "refs/heads/main") -> str:
        parent = self.refs.get(ref, "")
        blobs = sorted((path, tree.blob(content)) for path, content in files.items())
        made = hashlib.sha1(json.dumps([parent, blobs]).encode(), usedforsecurity=False).hexdigest()
        self.commits[made] = (dict(files), parent)
        self.refs[ref] = made
        return made

    def find(self, named: str) -> str:
        named = self.refs.get(f"refs/heads/{named}", named)
        return next((name for name in self.commits if name.startswith(named)), "")

    def history(self, commit: str) -> list[str]:
        return [commit, *self.history(self.commits[commit][1])] if commit else []

    def files(self, named: str) -> Mapping[str, bytes]:
        found = self.find(named)
        return self.commits[found][0] if found else {}


class FakeGitea:
    """Repositories by `ORG/NAME`; `asked` are the paths of all requests."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def repository(self, name: str) -> Repository:
        return self.repositories.setdefault(name, Repository())

    def client(self) -> Gitea:
        transport = httpx.MockTransport(self._answer)
        return Gitea(httpx.Client(transport=transport, base_url="https://gitea.test/api/v1/"))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1/")
        with self._lock:
            self.asked.append(path)
        found = self._found(path, request.url.params)
        if isinstance(found, bytes):
            return httpx.Response(200, content=found)
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)

    def _found(self, path: str, query: Mapping[str, str]) -> Json:
        orgs = sorted({name.partition("/")[0] for name in self.repositories})
        if path == "admin/orgs":
            return [{"name": org} for org in orgs] if query["page"] == "1" else []
        if match := re.fullmatch(r"orgs/([^/]+)(/repos)?", path):
            held = [name.partition("/")[2] for name in self.repositories if name.startswith(f"{match[1]}/")]
            return (
                [{"name": name} for name in held if query.get("page") == "1"]
                if match[2]
                else {"name": match[1]}
            )
        match = re.fullmatch(r"repos/([^/]+/[^/]+)(?:/(.+))?", path)
        repository = self.repositories.get(match[1]) if match else None
        if not match or repository is None:
            return None
        return self._within(repository, match[2] or "", query)

    def _within(self, repository: Repository, path: str, query: Mapping[str, str]) -> Json:
        what, _, rest = path.partition("/")
        if not path:
            return {"empty": not repository.commits}
        if what == "raw":
            return repository.files(query["ref"]).get(rest)
        if what == "compare":
            base, head = (repository.find(name) for name in rest.split("..."))
            if not base or not head:
                return None
            lacking = set(repository.history(head)) - set(repository.history(base))
            return {"total_commits": len(lacking)}
        kind, _, name = rest.partition("/")
        if kind == "refs":
            refs = [{"ref": r, "object": {"sha": c}} for r, c in repository.refs.items()]
            return refs or None
        if kind == "blobs":
            files = (content for held, _ in repository.commits.values() for content in held.values())
            content = next(content for content in files if tree.blob(content) == name)
            return {"content": base64.b64encode(content).decode()}
        found = repository.find(name)
        if not found:
            return None
        files_there = repository.files(name).items()
        entries = [{"path": p, "sha": tree.blob(c), "type": "blob"} for p, c in files_there]
        return {"sha": found, "tree": entries, "truncated": False}
