"""Entries of Secrets Manager, and the one role that reads those meant for users: that of External Secrets."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from bootstrap.model import Plan
from stacks.credentials import Credentials
from stacks.eks import access, iam
from stacks.eks.site import Site

#: Namespace and service account of the External Secrets operator in its own manifests.
READER = "external-secrets"
#: Below `NAME/` stand the platform's own passwords; what any namespace of users may read stands one deeper.
SHARED = "shared"


def declare(
    plan: Plan,
    site: Site,
    cluster: aws.eks.Cluster,
    key: aws.kms.Key,
    credentials: Credentials,
    opts: pulumi.ResourceOptions,
) -> None:
    """One entry per database account, with its password."""
    for share in plan.databases:
        entry = aws.secretsmanager.Secret(
            f"secret/{share.secret}",
            name=f"{site.name}/{share.secret}",
            description=f"Account of the database {share.name} of the platform {site.name}",
            kms_key_id=key.arn,
            # A name stays taken while its secret can be recovered, and the next `up` needs it. The value
            # itself is among the credentials, which outlive the platform with its data.
            recovery_window_in_days=0,
            tags=site.tagged(f"{site.name}/{share.secret}"),
            opts=opts,
        )
        aws.secretsmanager.SecretVersion(
            f"secret/{share.secret}/value",
            secret_id=entry.id,
            secret_string=credentials.secret(f"database/{share.name}/password"),
            opts=opts,
        )
    allows = [
        iam.Allow(
            ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"),
            [site.arn("secretsmanager", f"secret:{site.name}/{SHARED}/*")],
        ),
        iam.Allow(("kms:Decrypt",), [key.arn]),
    ]
    access.pods(site, cluster, READER, READER, READER, allows, opts)
