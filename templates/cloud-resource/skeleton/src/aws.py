"""Resources of AWS, closed and encrypted unless somebody opens them by a commit."""

from __future__ import annotations

import json

import pulumi_aws as aws
from pulumi import ResourceOptions, export

from settings import Settings

SIZES = {
    "small": {"instance": "db.t4g.micro", "storage": 20, "replicas": False},
    "medium": {"instance": "db.m7g.large", "storage": 100, "replicas": True},
}
DAYS_OF_BACKUPS = 14


def bucket(settings: Settings) -> None:
    """An S3 bucket: private, encrypted, versioned, and only reachable over TLS."""
    made = aws.s3.Bucket(settings.name, tags=_tags(settings), opts=_with(settings))
    within = {"bucket": made.id}
    child = ResourceOptions(parent=made)
    aws.s3.BucketPublicAccessBlock(
        settings.name,
        **within,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        settings.name,
        **within,
        rules=[
            {
                "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms"},
                "bucket_key_enabled": True,
            }
        ],
        opts=child,
    )
    aws.s3.BucketVersioning(
        settings.name, **within, versioning_configuration={"status": "Enabled"}, opts=child
    )
    aws.s3.BucketPolicy(settings.name, **within, policy=made.arn.apply(_only_tls), opts=child)
    export("bucket", made.bucket)


def queue(settings: Settings) -> None:
    """An SQS queue: encrypted, and what cannot be worked on goes to a second one instead of round and round."""
    refused = aws.sqs.Queue(
        f"{settings.name}-refused",
        message_retention_seconds=14 * 24 * 3600,
        sqs_managed_sse_enabled=True,
        tags=_tags(settings),
        opts=_with(settings),
    )
    made = aws.sqs.Queue(
        settings.name,
        sqs_managed_sse_enabled=True,
        visibility_timeout_seconds=60,
        redrive_policy=refused.arn.apply(
            lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
        ),
        tags=_tags(settings),
        opts=_with(settings),
    )
    export("queue_url", made.url)
    export("refused_url", refused.url)


def database(settings: Settings) -> None:
    """An RDS instance of PostgreSQL: not public, encrypted, with backups; AWS makes and keeps its password."""
    size = SIZES[settings.size]
    subnets = settings.aws["subnet_ids"]
    group = aws.rds.SubnetGroup(settings.name, subnet_ids=subnets, tags=_tags(settings), opts=_with(settings)) if subnets else None
    made = aws.rds.Instance(
        settings.name,
        engine="postgres",
        engine_version="17",
        instance_class=size["instance"],
        allocated_storage=size["storage"],
        db_name=settings.name.replace("-", "_"),
        username="owner",
        manage_master_user_password=True,
        storage_encrypted=True,
        publicly_accessible=False,
        multi_az=size["replicas"],
        backup_retention_period=DAYS_OF_BACKUPS,
        deletion_protection=True,
        skip_final_snapshot=False,
        final_snapshot_identifier=f"{settings.name}-last",
        vpc_security_group_ids=settings.aws["security_group_ids"],
        db_subnet_group_name=group.name if group else None,
        tags=_tags(settings),
        opts=_with(settings),
    )
    export("endpoint", made.endpoint)


def _with(settings: Settings) -> ResourceOptions:
    return ResourceOptions(provider=_provider(settings.aws["region"]))


_PROVIDERS: dict[str, aws.Provider] = {}


def _provider(region: str) -> aws.Provider:
    """One provider per region; credentials come from the pod's role or environment, never from here."""
    if region not in _PROVIDERS:
        _PROVIDERS[region] = aws.Provider(f"aws-{region}", region=region)
    return _PROVIDERS[region]


def _tags(settings: Settings) -> dict[str, str]:
    return {"Name": settings.name, "idp.dev/owner": settings.owner, "idp.dev/repository": f"ml/{settings.name}"}


def _only_tls(arn: str) -> str:
    refused = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [refused]})
