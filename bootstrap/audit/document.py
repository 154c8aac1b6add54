"""An audit record as a file: its seal, its checks of itself, its text for people. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bootstrap.errors import WRONG_USE, IdpError

SCHEMA = "idp.dev/audit-file/v1"
RECORD = "idp.dev/audit/v1"

Json = Any


def seal(record: Json) -> str:
    """SHA-256 over the record as JSON with sorted keys, no spaces and UTF-8."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(record: Json) -> dict[str, Json]:
    return {"schema": SCHEMA, "sha256": seal(record), "record": record}


def parse(text: str, where: str) -> dict[str, Json]:
    """The document in a file. Raises IDP-V001 where it is none."""
    try:
        found = json.loads(text)
        whole = found["schema"] == SCHEMA and found["record"]["schema"] == RECORD
        if whole and isinstance(found["sha256"], str):
            return dict(found)
        why = f"its schemas are not {SCHEMA} and {RECORD}"
    except (ValueError, KeyError, TypeError) as error:
        why = f"{type(error).__name__}: {error}"
    raise IdpError(
        "IDP-V001", f"{where} is no audit record", why, "idp audit export MODEL", exit_code=WRONG_USE
    )


def own_faults(document: Mapping[str, Json]) -> list[str]:
    """Whether the file is as it was written."""
    found = seal(document["record"])
    return (
        []
        if found == document["sha256"]
        else [f"seal: the content hashes to {found}, the file says otherwise"]
    )


def markdown(document: Mapping[str, Json]) -> str:
    """The record to read; the JSON beside it is what counts."""
    record = document["record"]
    production = record.get("production")
    lines = [
        f"# Audit record of {record['model']['name']}",
        "",
        f"Written {record['generatedAt']} for {record['generatedBy']}. SHA-256 `{document['sha256']}`.",
        "",
        f"In production: version {production['version']}, since {production.get('since') or 'unknown'}."
        if production
        else "In production: nothing.",
    ]
    for version in record["versions"]:
        lines += ["", f"## Version {version['version']}: {version['state']}", "", *_facts(version)]
        for one in version["approvals"]:
            lines.append(f"- {one['decision']} by {one['by']} at {one['at']}, commit `{one['commit']}`")
            lines += [f"  > {line}" for line in one["comment"].splitlines()]
        lines += [
            f"- check: {c['title']}: {'yes' if c['ok'] else 'no'} ({c['reason']})" for c in version["checks"]
        ]
    lines += ["", "## Where it runs", ""]
    lines += [
        f"- {d['entity']}: {d.get('health', 'not deployed')}, since {d.get('since', '-')}"
        for d in record["deployments"]
    ]
    return "\n".join(lines) + "\n"


def _facts(version: Mapping[str, Json]) -> list[str]:
    evidence = version["evidence"]
    data, code = evidence["data"], evidence["code"]
    return [
        f"- authors: {', '.join(version['authors'])}",
        f"- data: {data['name']} {data['version']}, sha256 `{data['sha256']}`",
        f"- code: {code['repository']} `{code['commit']}`",
        f"- pipeline run: {evidence['pipelineRun']}, MLflow run {evidence['run']}",
        f"- model: sha256 `{evidence['modelSha256']}`, runtime {evidence['runtime']}",
        *(f"- parameter {name}: {value}" for name, value in evidence["parameters"].items()),
        *(f"- metric {name}: {value}" for name, value in evidence["metrics"].items()),
        *(f"- evidence {name}: sha256 `{value}`" for name, value in evidence["explanations"].items()),
    ]
