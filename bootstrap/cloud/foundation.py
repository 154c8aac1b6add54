"""What an account needs once per region before a platform can stand there: a bucket, a key, a zone.

The bucket holds the state and the record of every platform, the key encrypts both. Every step can be
repeated; none touches what others made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bootstrap.cloud import key, session, zone
from bootstrap.cloud.bucket import Bucket
from bootstrap.cloud.session import Account, Aws, explained
from bootstrap.cloud.tags import MANAGED_BY, PREFIX, PURPOSE
from bootstrap.cloud.zone import Zone
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter, Step

#: Where the records of platforms lie, and where Pulumi keeps its stacks (`stacks/state.py`).
RECORDS, STACKS = "idp/instances/", ".pulumi/stacks/"
TAGS = {MANAGED_BY: PREFIX, PURPOSE: "state"}
#: Days for which earlier versions of states and records are kept.
_VERSIONS_KEPT = 90
#: How many objects one request can remove (S3 API reference, DeleteObjects).
_AT_ONCE = 1000


@dataclass(frozen=True)
class Foundation:
    """What `idp cloud bootstrap` made or found."""

    account: str
    region: str
    bucket: str
    key: str
    zone: Zone | None = None


def bucket_name(account: Account) -> str:
    """The same for everybody who works in an account and region, so that nobody has to be told."""
    return f"idp-state-{account.id}-{account.region}"


def lay(domain: str, reporter: Reporter) -> Foundation:
    """Make what is missing. Raises IDP-C010 (bucket of another), C011 (key), C013 (zones), C002 to C007."""
    aws = session.connect()
    account = aws.account()
    with reporter.step("key") as step:
        arn = key.make(aws, TAGS, step)
    with reporter.step("bucket") as step:
        _make_bucket(aws, account, step)
        _configure(aws, account, arn)
    found = None
    if domain:
        with reporter.step("zone") as step:
            found = zone.make(aws, domain, TAGS, step)
    return Foundation(account.id, account.region, bucket_name(account), arn, found)


def require(aws: Aws, account: Account, domain: str = "") -> Foundation:
    """What is there, for a run that builds on it. Raises IDP-C012 with all that is missing; C011, C013."""
    name, arn = bucket_name(account), key.find(aws)
    missing = []
    if not _has_bucket(aws, account):
        missing.append(f"bucket {name}")
    if not arn:
        missing.append(f"key {key.ALIAS}")
    found = zone.find(aws, domain) if domain else None
    if domain and found is None:
        missing.append(f"public zone {domain}")
    if missing:
        raise IdpError(
            "IDP-C012",
            f"account {account.id} is not prepared in {account.region}",
            "it lacks what platforms are built on",
            f"idp cloud bootstrap{f' --domain {domain}' if domain else ''}",
            faults=missing,
        )
    return Foundation(account.id, account.region, name, arn, found)


def refuse_platforms() -> None:
    """Raises IDP-C015 naming every platform that account and region still have."""
    _refuse_platforms(session.connect().account())


def raze(domain: str, reporter: Reporter) -> None:
    """The way back; what is already gone is no error. Raises IDP-C015 while any platform is left, C014."""
    aws = session.connect()
    account = aws.account()
    _refuse_platforms(account)
    if domain:
        zone.refuse_in_use(aws, domain)
    with reporter.step("bucket") as step:
        _remove_bucket(aws, account, step)
    with reporter.step("key") as step:
        key.give_up(aws, step)
    if domain:
        with reporter.step("zone") as step:
            zone.remove(aws, domain, TAGS, step)


def _refuse_platforms(account: Account) -> None:
    if left := _platforms(account):
        raise IdpError(
            "IDP-C015",
            f"there are still platforms in account {account.id}, {account.region}",
            "without the bucket nobody could remove them any more",
            f"idp cloud connect --name {left[0]} && idp down --name {left[0]}   # then the others",
            faults=left,
        )


def _platforms(account: Account) -> list[str]:
    bucket = Bucket(bucket_name(account), account.region, account.id)
    keys = [*bucket.keys(RECORDS), *bucket.keys(STACKS)]
    return sorted({found.rpartition("/")[2].partition(".")[0] for found in keys})


def _has_bucket(aws: Aws, account: Account) -> bool:
    from botocore.exceptions import ClientError

    name = bucket_name(account)
    with explained(f"looking for the bucket {name}"):
        try:
            aws.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=account.id)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
                return False
            raise
    return True


def _make_bucket(aws: Aws, account: Account, step: Step) -> None:
    s3, name = aws.client("s3"), bucket_name(account)
    # The oldest region alone must not be named (S3 API reference, CreateBucket).
    where = {} if account.region == "us-east-1" else {"LocationConstraint": account.region}
    more = {"CreateBucketConfiguration": where} if where else {}
    with explained(f"making the bucket {name}"):
        try:
            s3.create_bucket(Bucket=name, **more)
        except s3.exceptions.BucketAlreadyOwnedByYou:
            step.note("already there")
        except s3.exceptions.BucketAlreadyExists as error:
            raise IdpError(
                "IDP-C010",
                f"the bucket {name} belongs to another account",
                "names of buckets are unique in the whole partition, and somebody has taken this one",
                "export AWS_REGION=REGION   # another one; or have the owner of that bucket remove it",
            ) from error


def _configure(aws: Aws, account: Account, key_arn: str) -> None:
    s3, name = aws.client("s3"), bucket_name(account)
    at = {"Bucket": name, "ExpectedBucketOwner": account.id}
    with explained(f"protecting the bucket {name}"):
        s3.put_public_access_block(
            **at,
            PublicAccessBlockConfiguration=dict.fromkeys(
                ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
            ),
        )
        s3.put_bucket_versioning(**at, VersioningConfiguration={"Status": "Enabled"})
        encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
        rule = {"ApplyServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}
        s3.put_bucket_encryption(**at, ServerSideEncryptionConfiguration={"Rules": [rule]})
        s3.put_bucket_policy(**at, Policy=json.dumps(_tls_only(account.partition, name)))
        s3.put_bucket_lifecycle_configuration(**at, LifecycleConfiguration={"Rules": [_LIFECYCLE]})
        tags = [{"Key": tag, "Value": value} for tag, value in TAGS.items()]
        s3.put_bucket_tagging(**at, Tagging={"TagSet": tags})


_LIFECYCLE = {
    "ID": "earlier-versions",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "NoncurrentVersionExpiration": {"NoncurrentDays": _VERSIONS_KEPT},
    "Expiration": {"ExpiredObjectDeleteMarker": True},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}


def _tls_only(partition: str, name: str) -> dict[str, Any]:
    arn = f"arn:{partition}:s3:::{name}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyEncryptedConnections",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


def _remove_bucket(aws: Aws, account: Account, step: Step) -> None:
    s3, name = aws.client("s3"), bucket_name(account)
    if not _has_bucket(aws, account):
        step.note("already gone")
        return
    at = {"Bucket": name, "ExpectedBucketOwner": account.id}
    with explained(f"emptying the bucket {name}"):
        pages = s3.get_paginator("list_object_versions").paginate(
            **at, PaginationConfig={"PageSize": _AT_ONCE}
        )
        for page in pages:
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            objects = [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in found]
            if objects:
                s3.delete_objects(**at, Delete={"Objects": objects, "Quiet": True})
        s3.delete_bucket(**at)
