"""Who may become a role for CI: one repository's workflows, by the tokens that GitHub signs for them."""

from __future__ import annotations

import re
from typing import Any

from bootstrap.cloud.iam.estate import Estate
from bootstrap.errors import WRONG_USE, IdpError

ISSUER = "token.actions.githubusercontent.com"
URL = f"https://{ISSUER}"
#: Names as GitHub has them, each with the immutable id that newer repositories carry in their subject.
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}(@[0-9]+)?/[A-Za-z0-9._-]{1,100}(@[0-9]+)?")
_ENVIRONMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def audience(estate: Estate) -> str:
    """For whom tokens are signed; STS in China has a name of its own (configure-aws-credentials, README)."""
    return f"sts.{estate.suffix}"


def provider_arn(estate: Estate) -> str:
    """The identity provider that AWS knows GitHub by; an account has one at most."""
    return f"arn:{estate.partition}:iam::{estate.account}:oidc-provider/{ISSUER}"


def pull_request(repository: str) -> str:
    """The subject of a workflow that runs for a pull request."""
    return f"repo:{repository}:pull_request"


def environment(repository: str, name: str) -> str:
    """The subject of a job that runs in an environment, after the approvals that it asks for."""
    return f"repo:{repository}:environment:{name}"


def default_branch(repository: str, branch: str) -> str:
    """The subject of a workflow that runs on a branch, by schedule for instance."""
    return f"repo:{repository}:ref:refs/heads/{branch}"


def policy(estate: Estate, provider: Any, subjects: list[str]) -> dict[str, Any]:
    """The trust policy: exactly these subjects; nothing is matched by a pattern."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{ISSUER}:aud": audience(estate), f"{ISSUER}:sub": subjects},
                },
            }
        ],
    }


def check(repository: str, environment: str, branch: str = "main") -> None:
    """Raises IDP-C071 with everything that a trust policy would not mean as it is written."""
    faults = []
    if not _REPOSITORY.fullmatch(repository):
        faults.append(f"repository `{repository}`: must be OWNER/REPO, or OWNER@ID/REPO@ID")
    if not _ENVIRONMENT.fullmatch(environment):
        faults.append(f"environment `{environment}`: letters, digits, '.', '_' and '-', at most 100")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}", branch):
        faults.append(f"branch `{branch}`: letters, digits, '.', '_', '/' and '-', at most 100")
    if faults:
        raise IdpError(
            "IDP-C071",
            "no trust can be given to this repository",
            faults=faults,
            fix="idp cloud iam --github example/platform --environment production",
            exit_code=WRONG_USE,
        )
