"""What of the roles for CI is in the account: where they are, everything the platform makes is bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bootstrap.cloud.iam.estate import Estate
from bootstrap.cloud.session import Aws, explained


@dataclass(frozen=True)
class Guard:
    """ARNs, empty where there is none; `is_caller`: it is one of the roles that works here, no person."""

    permissions_boundary: str = ""
    administrator: str = ""
    reader: str = ""
    is_caller: bool = False


def find(aws: Aws, estate: Estate, caller: str) -> Guard:
    """Ask IAM for the boundary and the roles of the platform. Raises IDP-C002 to C007.

    `caller` is the ARN of whose credentials these are: a role's session has the role's name in it.
    """
    ours = [f":assumed-role/{role}/" for role in (estate.apply, estate.preview)]
    iam = aws.client("iam")
    with explained("looking for the roles and the boundary of `idp cloud iam`"):
        return Guard(
            _there(iam.get_policy, PolicyArn=estate.policy_arn(estate.boundary)),
            _role(iam, estate, estate.apply),
            _role(iam, estate, estate.preview),
            any(session in caller for session in ours),
        )


def _role(iam: Any, estate: Estate, name: str) -> str:
    """A role is asked for by its name alone, so that one outside our path is not ours."""
    found = _there(iam.get_role, RoleName=name)
    return found if found == estate.role_arn(name) else ""


def _there(ask: Any, **what: str) -> str:
    """The ARN of what is asked for, or nothing."""
    from botocore.exceptions import ClientError

    try:
        answer = ask(**what)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return ""
        raise
    found: dict[str, Any] = answer.get("Policy") or answer["Role"]
    return str(found["Arn"])
