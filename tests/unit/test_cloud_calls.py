"""What `idp` asks of AWS against what the roles for CI may: real calls, and calls in the code."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import botocore.session
import pytest
from botocore import xform_name

from bootstrap.cloud import ecr, session
from bootstrap.cloud.iam import guard, permissions
from bootstrap.cloud.iam.estate import Estate
from tests.aws import ACCOUNT, REGION

ROOT = Path(__file__).parents[2]
KNOWN = permissions.load()
LOOKING = {action for granted in KNOWN.preview().values() for action in granted}
CHANGING = {action for granted in KNOWN.apply().values() for action in granted}

#: Where IAM names a service, or an operation, otherwise than the SDK.
PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "service-quotas": "servicequotas",
    "resourcegroupstaggingapi": "tag",
}
RENAMED = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
}
#: Modules that people run with rights of their own, before there are roles.
BY_PEOPLE = {"foundation", "zone"}


def action(service: str, operation: str) -> str:
    named = f"{PREFIXES.get(service, service)}:{operation}"
    return RENAMED.get(named, named)


#: What a preview does by boto3.
DEEDS: dict[str, Callable[[], object]] = {
    "whose credentials": lambda: session.connect().account(),
    "guard": lambda: guard.find(session.connect(), Estate("idp", REGION, ACCOUNT, "aws"), ""),
    "sign in to the registry": ecr.login,
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_preview_asks_only_what_it_may(
    deed: str, aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    really = botocore.client.BaseClient._make_api_call

    def watched(self: Any, operation: str, given: Any) -> Any:
        asked.add(action(self.meta.service_model.service_name, operation))
        return really(self, operation, given)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", watched)
    DEEDS[deed]()
    assert asked
    assert asked <= LOOKING


MODULES = {
    path.stem: path.read_text()
    for folder in ("bootstrap/cloud", "stacks")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if ".client(" in path.read_text() and path.stem not in BY_PEOPLE
}


@pytest.mark.parametrize("module", MODULES)
def test_no_call_in_the_code_is_without_a_permission(module: str) -> None:
    """By name: a method, or a paginator's word, that one of the module's services has as an operation."""
    source = MODULES[module]
    services = set(re.findall(r"\.client\(\s*\"([a-z0-9-]+)\"", source))
    words = set(re.findall(r"\.([a-z0-9_]+)\b", source)) | set(re.findall(r"\"([a-z0-9_]+)\"", source))
    may: dict[str, set[str]] = {}
    for service in services:
        for operation in botocore.session.get_session().get_service_model(service).operation_names:
            if xform_name(operation) in words:
                may.setdefault(xform_name(operation), set()).add(action(service, operation))
    assert {word: found for word, found in may.items() if not found & CHANGING} == {}
