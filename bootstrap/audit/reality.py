"""An audit record held against what the platform has now. Pure but for what the caller hands in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

Json = Any
CARD = "docs/model-card.md"
DECISIONS = ("idp", "governance")


class Git(Protocol):
    """What is asked of Gitea."""

    def history(self, org: str, repo: str, path: str) -> list[Json]: ...
    def has_commit(self, org: str, repo: str, commit: str) -> bool: ...
    def read(self, org: str, repo: str, path: str, branch: str) -> bytes: ...


def in_git(record: Mapping[str, Json], git: Git) -> list[str]:
    """Commits and files that the record names and Gitea does not have so."""
    faults: list[str] = []
    for version in record["versions"]:
        where = f"version {version['version']}"
        code = version["evidence"]["code"]
        org, _, repo = str(code["repository"]).partition("/")
        if code["commit"] and not (repo and git.has_commit(org, repo, code["commit"])):
            faults.append(f"{where}: Gitea has no commit {code['commit']} in {code['repository']}")
        for approval in version["approvals"]:
            faults += [f"{where}: {fault}" for fault in _approval(approval, git)]
            if approval["decision"] == "approved" and approval["by"] in version["authors"]:
                faults.append(f"{where}: approved by its own author, {approval['by']}")
        if version["approvals"]:
            faults += [f"{where}: {fault}" for fault in _card(version["card"], git)]
    return faults + _promotions(record, git)


def _card(card: Mapping[str, Json], git: Git) -> list[str]:
    org, _, repo = str(card["repository"]).partition("/")
    if not git.has_commit(org, repo, card["commit"]):
        return [f"Gitea has no commit {card['commit']} of the model card in {card['repository']}"]
    if hashlib.sha256(git.read(org, repo, CARD, card["commit"])).hexdigest() != card["sha256"]:
        return [f"the model card is another one in commit {card['commit']}"]
    return []


def _promotions(record: Mapping[str, Json], git: Git) -> list[str]:
    if not record["promotions"]:
        return []
    path = f"models/{record['model']['name']}/production.yaml"
    commits = {one["sha"]: one for one in git.history(*DECISIONS, path)}
    faults = []
    for promotion in record["promotions"]:
        where = f"promotion of version {promotion['version']}"
        if promotion["commit"] not in commits:
            faults.append(f"{where}: commit {promotion['commit']} is not in the history of decisions")
        else:
            faults += [f"{where}: {f}" for f in _person(commits[promotion["commit"]], promotion["by"])]
    return faults


def _person(commit: Mapping[str, Json], by: str) -> list[str]:
    login = (commit.get("author") or {}).get("login", "")
    if login.lower() == by.rpartition("/")[2]:
        return []
    return [f"{by} is said to have decided, the commit is by {login or 'nobody known'}"]


def _approval(approval: Mapping[str, Json], git: Git) -> list[str]:
    org, _, repo = str(approval["repository"]).partition("/")
    commits = {one["sha"]: one for one in git.history(org, repo, approval["path"])}
    commit = commits.get(approval["commit"])
    if commit is None:
        return [
            f"commit {approval['commit']} of its decision is not in the history of {approval['repository']}"
        ]
    faults = _person(commit, str(approval["by"]))
    content = git.read(org, repo, approval["path"], approval["commit"])
    if hashlib.sha256(content).hexdigest() != approval["sha256"]:
        faults.append(f"the file of its decision is another one in commit {approval['commit']}")
    return faults


def since_then(record: Mapping[str, Json], now: Mapping[str, Json]) -> list[str]:
    """What the systems now say otherwise about versions that the record tells of."""
    present = {version["version"]: version for version in now["versions"]}
    faults: list[str] = []
    for version in record["versions"]:
        where = f"version {version['version']}"
        if version["version"] not in present:
            faults.append(f"{where}: MLflow does not have it")
            continue
        faults += _different(
            version["evidence"], present[version["version"]]["evidence"], f"{where}: evidence"
        )
    stated, actual = (r.get("production", {}).get("version", "nothing") for r in (record, now))
    if stated != actual:
        faults.append(f"production: the record says {stated}, the alias is at {actual}")
    return faults + _deployments(record, now)


def _deployments(record: Mapping[str, Json], now: Mapping[str, Json]) -> list[str]:
    """Whether what depends on the model still runs from the commit that the record names."""
    running = {one["entity"]: one for one in now["deployments"]}
    return [
        fault
        for one in record["deployments"]
        for fault in _different(
            one.get("revision"), running.get(one["entity"], {}).get("revision"), f"{one['entity']}: revision"
        )
    ]


def _different(stated: Json, actual: Json, where: str) -> list[str]:
    if isinstance(stated, dict) and isinstance(actual, dict):
        keys = sorted(stated.keys() | actual.keys())
        return [f for key in keys for f in _different(stated.get(key), actual.get(key), f"{where}.{key}")]
    return [] if stated == actual else [f"{where}: the record says {stated!r}, the platform {actual!r}"]
