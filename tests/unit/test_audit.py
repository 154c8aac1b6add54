"""What an audit record is checked for: one record, and what becomes of it, as data."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.audit import document, reality
from bootstrap.errors import IdpError

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "audit.yaml").read_text())
DECISION, CARD = "decision: approved\n", "# Model card\n"
RECORD: dict[str, Any] = {
    "schema": document.RECORD,
    "generatedAt": "2026-11-24T00:00:00Z",
    "generatedBy": "user:default/platform-admin",
    "model": {"name": "pump"},
    "production": {"version": "1", "since": "2026-11-23T00:00:00Z"},
    "promotions": [{"version": "1", "by": "user:default/owner", "commit": "feed"}],
    "versions": [
        {
            "version": "1",
            "state": "production",
            "authors": ["user:default/author"],
            "card": {
                "repository": "ml/pump",
                "commit": "ca4d",
                "sha256": hashlib.sha256(CARD.encode()).hexdigest(),
            },
            "checks": [{"id": "card", "title": "The model card is filled in", "ok": True, "reason": "yes"}],
            "evidence": {
                "run": "r1",
                "data": {"name": "readings", "version": "3", "sha256": "da7a"},
                "code": {"repository": "ml/pump", "commit": "c0de", "sha256": "5afe"},
                "pipelineRun": "pump-1",
                "runtime": "image",
                "modelSha256": "a0de1",
                "parameters": {"trees": "100"},
                "metrics": {"accuracy": 0.9},
                "explanations": {"importance.json": "1234"},
            },
            "approvals": [
                {
                    "decision": "approved",
                    "by": "user:default/approver",
                    "at": "2026-11-23T00:00:00Z",
                    "comment": "Looked at\nall of it",
                    "repository": "idp/governance",
                    "path": "models/pump/1.yaml",
                    "commit": "cafe",
                    "sha256": hashlib.sha256(DECISION.encode()).hexdigest(),
                }
            ],
        }
    ],
    "deployments": [{"entity": "component:default/pump-api", "health": "Healthy", "revision": "4e7"}],
}


class Git:
    """Gitea with a commit of code, one of a model card, a decision and a promotion."""

    def __init__(
        self,
        codes: tuple[str, ...] = ("c0de", "ca4d"),
        content: str = DECISION,
        card: str = CARD,
        promoter: str = "owner",
    ) -> None:
        self._codes, self._content, self._card, self._promoter = codes, content, card, promoter

    def history(self, org: str, repo: str, path: str) -> list[Any]:
        if path.endswith("/production.yaml"):
            return [{"sha": "feed", "author": {"login": self._promoter}}]
        return [{"sha": "cafe", "author": {"login": "approver"}}]

    def has_commit(self, org: str, repo: str, commit: str) -> bool:
        return commit in self._codes

    def read(self, org: str, repo: str, path: str, branch: str) -> bytes:
        return (self._card if path == reality.CARD else self._content).encode()


def changed(record: Any, changes: Mapping[str, Any]) -> Any:
    made = copy.deepcopy(record)
    for path, value in changes.items():
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place = made
        for part in way:
            place = place[part]
        place[last] = value
    return made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_discrepancy_is_found(case: dict[str, Any]) -> None:
    file = document.sealed(RECORD)
    file["record"] = changed(RECORD, case.get("file", {}))
    found = [
        *document.own_faults(file),
        *reality.in_git(file["record"], Git(**case.get("git", {}))),
        *reality.since_then(file["record"], changed(RECORD, case.get("platform", {}))),
    ]
    assert len(found) == len(case["faults"]), found
    assert all(words in fault for words, fault in zip(case["faults"], found, strict=True)), found


def test_a_file_survives_being_written_and_read() -> None:
    text = json.dumps(document.sealed(RECORD), indent=2)
    assert document.own_faults(document.parse(text, "file")) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "idp.dev/audit-file/v1", "record": {}}'])
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(IdpError) as raised:
        document.parse(text, "file")
    assert raised.value.code == "IDP-V001"


def test_the_text_names_who_approved_what() -> None:
    shown = document.markdown(document.sealed(RECORD))
    for words in ("In production: version 1", "approved by user:default/approver", "  > all of it", "`c0de`"):
        assert words in shown
