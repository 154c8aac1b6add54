"""The workflows that CI takes: from a platform's place and choices to one file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap import render
from bootstrap.cloud.iam import trust
from bootstrap.cloud.iam.documents import SESSIONS
from bootstrap.cloud.iam.estate import Estate
from bootstrap.errors import WRONG_USE, IdpError

_SOURCES = Path(__file__).parent / "workflows"
#: Where each file belongs in the user's repository.
PATHS = {"github": ".github/workflows/platform.yaml", "argo": "platform-ci.yaml"}


@dataclass(frozen=True)
class Order:
    """What a workflow is to do; empty words are left to `idp`'s defaults."""

    estate: Estate
    stack: str
    profile: str
    domain: str
    environment: str
    branch: str
    image: str = ""


def text(kind: str, order: Order) -> str:
    """The file. Raises IDP-C073 with everything that is missing for it, and IDP-C071."""
    trust.check("owner/repository", order.environment, order.branch)
    _refuse_incomplete(kind, order)
    scope = _scope(order)
    scripts = {
        file.name.partition(".")[0].replace("-", "_"): render.text(
            file.read_text(), scope, file.name
        ).rstrip()
        for file in sorted(_SOURCES.glob("*.j2"))
        if not file.name.endswith(".yaml.j2")
    }
    source = _SOURCES / f"{kind}.yaml.j2"
    return render.text(source.read_text(), {**scope, **scripts}, source.name)


def _scope(order: Order) -> Mapping[str, Any]:
    estate = order.estate
    chosen = {"--profile": order.profile, "--domain": order.domain}
    given = " ".join(f"{option} {shlex.quote(value)}" for option, value in chosen.items() if value)
    return {
        "name": estate.name,
        "region": estate.region,
        "preview_role": estate.role_arn(estate.preview),
        "apply_role": estate.role_arn(estate.apply),
        "sessions": SESSIONS,
        "audience": trust.audience(estate),
        "environment": order.environment,
        "branch": order.branch,
        "stack": shlex.quote(order.stack),
        "which": f"--cloud --name {estate.name} --stack {shlex.quote(order.stack)} {given}".rstrip(),
        "image": order.image,
    }


def _refuse_incomplete(kind: str, order: Order) -> None:
    faults = [] if order.domain else ["--domain: a platform in the cloud needs one that you own"]
    if kind == "argo" and not order.image:
        faults.append(
            "--image: pods need an image with `idp[cloud]`, its tools and git; no package brings one"
        )
    if faults:
        raise IdpError(
            "IDP-C073",
            "this workflow cannot be written yet",
            faults=faults,
            fix=f"idp cloud workflow {kind} --domain idp.example.org"
            + (" --image registry.example.org/idp:1" if kind == "argo" else ""),
            exit_code=WRONG_USE,
        )
