"""Roles: who may become one, and exactly what it may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.eks.site import Site

#: A Pod Identity agent hands a role to pods under this principal.
PODS = "pods.eks.amazonaws.com"


@dataclass(frozen=True)
class Allow:
    """One statement of a policy."""

    actions: Sequence[str]
    resources: Sequence[pulumi.Input[str]]
    condition: Mapping[str, Mapping[str, str]] | None = None


def role(
    site: Site,
    opts: pulumi.ResourceOptions,
    purpose: str,
    service: str,
    *,
    managed: Iterable[str] = (),
    allows: Sequence[Allow] = (),
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """A role that one AWS service can assume for this account only, and what grants it its rights."""
    made = aws.iam.Role(
        f"role/{purpose}",
        name=f"{site.name}-{site.region}-{purpose}"[:64],
        assume_role_policy=pulumi.Output.json_dumps(trust(service)),
        permissions_boundary=site.permissions_boundary or None,
        tags=site.tagged(f"{site.name}-{purpose}"),
        opts=opts,
    )
    grants: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(
            f"grant/{purpose}/{policy}", role=made.name, policy_arn=site.managed_policy(policy), opts=opts
        )
        for policy in managed
    ]
    if allows:
        document = pulumi.Output.json_dumps(policy_of(allows))
        grants.append(
            aws.iam.RolePolicy(f"policy/{purpose}", name=purpose, role=made.name, policy=document, opts=opts)
        )
    return made, grants


def trust(service: str) -> dict[str, Any]:
    """Who may assume a role. Sessions carry tags, by which Pod Identity tells pods apart."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def policy_of(allows: Sequence[Allow]) -> dict[str, Any]:
    """A policy document."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": list(allow.actions), "Resource": list(allow.resources)}
            | ({"Condition": dict(allow.condition)} if allow.condition else {})
            for allow in allows
        ],
    }
