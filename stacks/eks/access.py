"""Who may enter the cluster, and which pods may call AWS: access entries and Pod Identity."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from bootstrap.model import Plan
from stacks.eks import iam
from stacks.eks.site import Site


def administrator(
    site: Site, cluster: aws.eks.Cluster, opts: pulumi.ResourceOptions
) -> aws.eks.AccessPolicyAssociation:
    """Whoever runs `idp` administers the cluster, and nobody by having made it."""
    ask = pulumi.InvokeOutputOptions(provider=opts.provider)
    caller = aws.get_caller_identity_output(opts=ask)
    # A session's ARN changes with every sign-in; the role's behind it does not.
    principal = aws.iam.get_session_context_output(arn=caller.arn, opts=ask).issuer_arn
    entry = aws.eks.AccessEntry(
        "access/administrator",
        cluster_name=cluster.name,
        principal_arn=principal,
        type="STANDARD",
        tags=site.tagged(f"{site.name}-administrator"),
        opts=opts,
    )
    return aws.eks.AccessPolicyAssociation(
        "access/administrator/policy",
        cluster_name=cluster.name,
        principal_arn=entry.principal_arn,
        policy_arn=f"arn:{site.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        access_scope={"type": "cluster"},
        opts=opts,
    )


def pods(
    site: Site,
    cluster: aws.eks.Cluster,
    purpose: str,
    namespace: str,
    service_account: str,
    allows: list[iam.Allow],
    opts: pulumi.ResourceOptions,
) -> None:
    """Give the pods of one service account one role, without a key that could leak."""
    role, _ = iam.role(site, opts, purpose, iam.PODS, allows=allows)
    aws.eks.PodIdentityAssociation(
        f"pods/{purpose}",
        cluster_name=cluster.name,
        namespace=namespace,
        service_account=service_account,
        role_arn=role.arn,
        tags=site.tagged(f"{site.name}-{purpose}"),
        opts=opts,
    )


def buckets(
    plan: Plan,
    site: Site,
    cluster: aws.eks.Cluster,
    key: aws.kms.Key,
    made: dict[str, aws.s3.Bucket],
    opts: pulumi.ResourceOptions,
) -> None:
    """Each package reaches its own bucket; its service account has the name of its namespace."""
    for share in plan.buckets:
        bucket = made[share.name]
        allows = [
            iam.Allow(("s3:ListBucket", "s3:GetBucketLocation"), [bucket.arn]),
            iam.Allow(
                ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"),
                [pulumi.Output.concat(bucket.arn, "/*")],
            ),
            iam.Allow(("kms:Decrypt", "kms:GenerateDataKey"), [key.arn]),
        ]
        pods(site, cluster, f"bucket-{share.name}", share.namespace, share.namespace, allows, opts)
