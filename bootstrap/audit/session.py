"""The audit record of a running platform: from the portal, and against Gitea and the portal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from bootstrap import access, recall
from bootstrap.audit import document, reality
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.portal import PortalClient


def export(name: str, model: str, to: Path | None) -> list[dict[str, str]]:
    """Write the record of a model, or of all where it is empty; says which files were written."""
    if not model and to and to.suffix:
        raise IdpError(
            "IDP-V003",
            f"{to} is one file",
            "all records need a folder",
            "idp audit export --all",
            exit_code=WRONG_USE,
        )
    with _portal(name) as portal:
        models = (
            [model] if model else [m["name"] for m in portal.get("/api/governance/models").json()["models"]]
        )
        return [
            _write(document.sealed(_record(portal, one)), _file(one, to, alone=bool(model))) for one in models
        ]


def verify(name: str, file: Path) -> list[str]:
    """Every way in which a record differs from itself and from the platform."""
    try:
        found = document.parse(file.read_text(), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise IdpError(
            "IDP-V001", f"{file} cannot be read", str(error), "idp audit export MODEL", exit_code=WRONG_USE
        ) from error
    record, faults = found["record"], document.own_faults(found)
    plan = recall.plan_of(name)
    with access.cluster(plan) as cluster:
        git = access.administer(plan, cluster)
        try:
            faults += reality.in_git(record, git)
        finally:
            git.close()
    with _portal(name) as portal:
        return faults + reality.since_then(record, _record(portal, record["model"]["name"]))


def unsound(file: Path, faults: Sequence[str]) -> IdpError | None:
    if not faults:
        return None
    what = f"{file} does not hold: {len(faults)} discrepanc{'y' if len(faults) == 1 else 'ies'}"
    return IdpError("IDP-V002", what, fix="idp audit export MODEL", faults=list(faults))


def _record(portal: PortalClient, model: str) -> document.Json:
    return portal.get(f"/api/governance/models/{quote(model, safe='')}/audit", timeout=120).json()


def _file(model: str, to: Path | None, *, alone: bool) -> Path:
    if alone and to and to.suffix:
        return to
    return (to or Path()) / f"audit-{model}.json"


def _write(content: dict[str, document.Json], file: Path) -> dict[str, str]:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    beside = file.with_suffix(".md")
    beside.write_text(document.markdown(content))
    name = content["record"]["model"]["name"]
    return {"model": name, "file": str(file), "text": str(beside), "sha256": content["sha256"]}


@contextmanager
def _portal(name: str) -> Iterator[PortalClient]:
    plan = recall.plan_of(name)
    with access.cluster(plan) as cluster:
        admin = access.credentials(plan, cluster, "gitea-admin")
    with PortalClient.for_instance(name, plan.facts.url("backstage")) as portal:
        portal.sign_in(admin.username, admin.password)
        yield portal
