"""The key that encrypts states and records, behind an alias that is the same in every account and region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bootstrap.cloud.session import Aws, explained
from bootstrap.errors import IdpError
from bootstrap.progress import Step

ALIAS = "alias/idp-state"
#: Days until a key that was given up is gone; AWS takes 7 to 30 (KMS API reference, ScheduleKeyDeletion).
_WAITS = 7


def find(aws: Aws) -> str:
    """The ARN of the key behind the alias; empty where there is none. Raises IDP-C011 for an unusable one."""
    key = _described(aws)
    if key:
        _refuse_unusable(key, aws.region)
    return str(key["Arn"]) if key else ""


def make(aws: Aws, tags: Mapping[str, str], step: Step) -> str:
    """The ARN of the key, found or made; its material is renewed every year. Raises IDP-C011."""
    kms, arn = aws.client("kms"), find(aws)
    if arn:
        step.note("already there")
    with explained("making the state's key"):
        if not arn:
            arn = next(_left(aws, tags), "") or _new(kms, tags)
            kms.create_alias(AliasName=ALIAS, TargetKeyId=arn)
        kms.enable_key_rotation(KeyId=arn)
    return arn


def give_up(aws: Aws, step: Step) -> None:
    """Schedule the key's deletion and free its alias: a new foundation makes a key of its own."""
    kms, key = aws.client("kms"), _described(aws)
    if key is None:
        step.note("already gone")
        return
    with explained("giving up the state's key"):
        if key["KeyState"] != "PendingDeletion":
            kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=_WAITS)
        kms.delete_alias(AliasName=ALIAS)
    step.note(f"gone for good in {_WAITS} days: {key['Arn']}")


def _described(aws: Aws) -> dict[str, Any] | None:
    kms = aws.client("kms")
    with explained("looking for the state's key"):
        try:
            found: dict[str, Any] = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
        except kms.exceptions.NotFoundException:
            return None
    return found


def _new(kms: Any, tags: Mapping[str, str]) -> str:
    wanted = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
    made = kms.create_key(Description="State of idp platforms", Tags=wanted)
    return str(made["KeyMetadata"]["Arn"])


def _left(aws: Aws, tags: Mapping[str, str]) -> Iterator[str]:
    """Usable keys with these tags and no alias: a run was killed before it gave them one."""
    kms, tagging = aws.client("kms"), aws.client("resourcegroupstaggingapi")
    wanted = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=wanted, ResourceTypeFilters=["kms:key"]
    )
    for arn in (found["ResourceARN"] for page in pages for found in page["ResourceTagMappingList"]):
        usable = kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "Enabled"
        if usable and not kms.list_aliases(KeyId=arn)["Aliases"]:
            yield arn


def _refuse_unusable(key: Mapping[str, Any], region: str) -> None:
    state, of = key["KeyState"], f"--region {region} --key-id {key['Arn']}"
    if state == "Enabled":
        return
    enable = f"aws kms enable-key {of}"
    raise IdpError(
        "IDP-C011",
        f"the key {ALIAS} cannot be used, and without it no state in {region} can be read",
        f"its state is {state}",
        f"aws kms cancel-key-deletion {of} && {enable}" if state == "PendingDeletion" else enable,
    )
