"""The permissions against the program: nothing is missing, nothing is too much, every action exists."""

from __future__ import annotations

from collections.abc import Iterator

import botocore.session
import pytest

from bootstrap.cloud.iam import permissions
from bootstrap.cloud.iam.guard import Guard
from tests.stacks.eks.support import PLACES, PROFILES, declare, declared, profile
from tests.stacks.eks.test_restore import DATA

KNOWN = permissions.load()
#: Where an action's service has another name in the SDK.
SERVICES = {
    "elasticloadbalancing": "elbv2",
    "servicequotas": "service-quotas",
    "tag": "resourcegroupstaggingapi",
}
#: Actions that are no operations of that name (Service Authorization Reference, per service).
NO_OPERATION = {
    "budgets:ModifyBudget",
    "budgets:ViewBudget",
    "iam:PassRole",
    "s3:DeleteObjectVersion",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketCORS",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
    # Operations of S3's control API.
    "s3:ListTagsForResource",
    "s3:TagResource",
    "s3:UntagResource",
}


def everywhere() -> Iterator[tuple[set[str], frozenset[str]]]:
    """Types and lookups of every profile in every partition."""
    for region in PLACES:
        for name in PROFILES:
            found = declared(region, name)
            yield {resource.type for resource in found.resources.values()}, found.lookups
    restored = declare("eu-central-1", profile("team"), kept=DATA)
    yield {resource.type for resource in restored.resources.values()}, restored.lookups


def test_every_type_has_its_permissions_and_none_is_left_over() -> None:
    registered = {type_ for types, _ in everywhere() for type_ in types} - {"pulumi:providers:aws"}
    assert registered == set(KNOWN.types)


def test_every_lookup_has_its_permissions() -> None:
    assert {lookup for _, lookups in everywhere() for lookup in lookups} <= set(KNOWN.lookups)


def actions() -> list[str]:
    return sorted({action for granted in KNOWN.apply().values() for action in granted})


@pytest.mark.parametrize("service", sorted({action.partition(":")[0] for action in actions()}))
def test_every_action_exists(service: str) -> None:
    model = botocore.session.get_session().get_service_model(SERVICES.get(service, service))
    named = {a for a in actions() if a.startswith(f"{service}:")}
    unknown = {a for a in named if a.partition(":")[2] not in model.operation_names}
    assert unknown == {a for a in NO_OPERATION if a.startswith(f"{service}:")}


def test_reading_changes_nothing() -> None:
    looks = ("BatchCheck", "BatchGet", "Decrypt", "Describe", "Get", "List", "View")
    changing = [
        action
        for granted in KNOWN.preview().values()
        for action in granted
        if not action.partition(":")[2].startswith(looks)
    ]
    assert changing == []


def test_no_service_is_given_whole_and_everything_only_with_a_reason() -> None:
    assert [action for action in actions() if "*" in action] == []
    whole = {name for name, scope in KNOWN.scopes.items() if "*" in scope.resources}
    assert {name for name in whole if not KNOWN.scopes[name].reason.endswith(".")} == set()


def test_every_scope_is_used() -> None:
    assert set(KNOWN.scopes) == {*KNOWN.apply(), *KNOWN.boundary()}


@pytest.mark.parametrize("scope", ["ec2-own", "key", "certificates", "bounded-roles", "load-balancers"])
def test_what_has_no_name_of_ours_is_told_by_its_tag_or_boundary(scope: str) -> None:
    """Widening one of these would let CI of one platform touch another's."""
    assert KNOWN.scopes[scope].condition["StringEquals"]


def test_rights_of_a_role_are_changed_only_within_the_boundary() -> None:
    raising = {
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:PutRolePermissionsBoundary",
    }
    scopes = {name for name, granted in KNOWN.apply().items() if raising & set(granted)}
    assert scopes == {"bounded-roles"}
    assert "iam:DeleteRolePermissionsBoundary" not in actions()


BOUNDARY, APPLY, PREVIEW = (
    "arn:aws:iam::1:policy/b",
    "arn:aws:iam::1:role/apply",
    "arn:aws:iam::1:role/preview",
)


def test_every_role_of_the_program_gets_the_boundary() -> None:
    found = declare("eu-central-1", profile("team"), guard=Guard(permissions_boundary=BOUNDARY))
    roles = found.of("aws:iam/role:Role")
    assert roles
    assert {role.inputs["permissionsBoundary"] for role in roles} == {BOUNDARY}
    plain = declared("eu-central-1", "team").of("aws:iam/role:Role")
    assert not any("permissionsBoundary" in role.inputs for role in plain)


@pytest.mark.parametrize(
    ("guard", "principals"),
    [
        (Guard(), {"administrator": "arn:aws:iam::123456789012:role/apply"}),
        (Guard(BOUNDARY, APPLY, PREVIEW, is_caller=True), {"administrator": APPLY, "reader": PREVIEW}),
        (
            Guard(BOUNDARY, APPLY),
            {"administrator": APPLY, "person": "arn:aws:iam::123456789012:role/apply"},
        ),
    ],
    ids=["a person alone", "ci", "a person beside ci"],
)
def test_who_may_enter_the_cluster(guard: Guard, principals: dict[str, str]) -> None:
    entries = declare("eu-central-1", profile("team"), guard=guard).of("aws:eks/accessEntry:AccessEntry")
    assert {e.name.rpartition("/")[2]: e.inputs["principalArn"] for e in entries} == principals


def test_the_reader_cannot_change_the_cluster() -> None:
    guard = Guard(BOUNDARY, APPLY, PREVIEW, is_caller=True)
    found = declare("eu-central-1", profile("team"), guard=guard).resources["access/reader/policy"].inputs
    assert found["policyArn"].endswith("/AmazonEKSAdminViewPolicy")
