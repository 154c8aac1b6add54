"""Who may enter the cluster, and which pods may call AWS: access entries and Pod Identity."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from bootstrap.cloud.iam.guard import Guard
from bootstrap.model import Plan
from stacks.eks import iam
from stacks.eks.site import Site


def people(
    site: Site, cluster: aws.eks.Cluster, guard: Guard, opts: pulumi.ResourceOptions
) -> aws.eks.AccessPolicyAssociation:
    """Who administers the cluster, and who may look; nobody does either by having made it.

    Without a guard that is whoever runs `idp`. With one it is the role that applies, and beside it a person
    who runs `idp`, until CI does so again; else a preview would plan to make its own role the administrator.
    """
    if guard.reader:
        _entry(site, cluster, "reader", guard.reader, "AmazonEKSAdminViewPolicy", opts)
    if not guard.administrator:
        return _entry(site, cluster, "administrator", _caller(opts), "AmazonEKSClusterAdminPolicy", opts)
    ci = _entry(site, cluster, "administrator", guard.administrator, "AmazonEKSClusterAdminPolicy", opts)
    if guard.is_caller:
        return ci
    return _entry(site, cluster, "person", _caller(opts), "AmazonEKSClusterAdminPolicy", opts)


def _caller(opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """A session's ARN changes with every sign-in; the role's behind it does not."""
    ask = pulumi.InvokeOutputOptions(provider=opts.provider)
    caller = aws.get_caller_identity_output(opts=ask)
    return aws.iam.get_session_context_output(arn=caller.arn, opts=ask).issuer_arn


def _entry(
    site: Site,
    cluster: aws.eks.Cluster,
    title: str,
    principal: pulumi.Input[str],
    policy: str,
    opts: pulumi.ResourceOptions,
) -> aws.eks.AccessPolicyAssociation:
    entry = aws.eks.AccessEntry(
        f"access/{title}",
        cluster_name=cluster.name,
        principal_arn=principal,
        type="STANDARD",
        tags=site.tagged(f"{site.name}-{title}"),
        opts=opts,
    )
    return aws.eks.AccessPolicyAssociation(
        f"access/{title}/policy",
        cluster_name=cluster.name,
        principal_arn=entry.principal_arn,
        policy_arn=f"arn:{site.partition}:eks::aws:cluster-access-policy/{policy}",
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
