"""A private bucket for every bucket of the plan."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from bootstrap.model import Plan
from stacks.eks.site import Site


def declare(
    plan: Plan, site: Site, key: aws.kms.Key, opts: pulumi.ResourceOptions
) -> dict[str, aws.s3.Bucket]:
    """The buckets by the name that their package calls them."""
    return {share.name: _bucket(share.name, site, key, opts) for share in plan.buckets}


def _bucket(purpose: str, site: Site, key: aws.kms.Key, opts: pulumi.ResourceOptions) -> aws.s3.Bucket:
    """Private, versioned, encrypted, and deaf to requests without TLS."""
    name = f"bucket/{purpose}"
    bucket = aws.s3.Bucket(
        name, bucket=site.bucket(purpose), tags=site.tagged(site.bucket(purpose)), opts=opts
    )
    closed = aws.s3.BucketPublicAccessBlock(
        f"{name}/private",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    aws.s3.BucketOwnershipControls(
        f"{name}/owner", bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=opts
    )
    aws.s3.BucketVersioning(
        f"{name}/versions", bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=opts
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}/encryption",
        bucket=bucket.bucket,
        rules=[
            {
                "apply_server_side_encryption_by_default": {
                    "sse_algorithm": "aws:kms",
                    "kms_master_key_id": key.arn,
                },
                "bucket_key_enabled": True,
            }
        ],
        opts=opts,
    )
    aws.s3.BucketPolicy(
        f"{name}/tls",
        bucket=bucket.bucket,
        policy=pulumi.Output.json_dumps(_tls_only(bucket.arn)),
        # Both write the bucket's policy settings, and S3 refuses two at once.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[closed])),
    )
    return bucket


def _tls_only(arn: pulumi.Output[str]) -> dict[str, object]:
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, pulumi.Output.concat(arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
