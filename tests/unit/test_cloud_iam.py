"""Documents of the roles for CI: trust, sizes, template; and that they allow what they are for, at moto."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import boto3
import httpx
import pytest
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from bootstrap import cli
from bootstrap.cloud import session
from bootstrap.cloud.iam import documents as writing
from bootstrap.cloud.iam import guard, template, trust
from bootstrap.cloud.iam.estate import PATH, Estate, estate
from bootstrap.errors import IdpError
from tests.aws import ACCOUNT, REGION

REPOSITORY = "example/platform"
HERE = Estate("idp", REGION, ACCOUNT, "aws")
LONG = Estate("a" * 40, "ap-southeast-1", ACCOUNT, "aws-us-gov")
PLACES = [HERE, LONG, Estate("idp", "cn-northwest-1", ACCOUNT, "aws-cn")]


def made(where: Estate = HERE, repository: str = REPOSITORY) -> writing.Documents:
    return writing.documents(where, repository, "production")


@pytest.mark.parametrize("where", PLACES, ids=lambda where: where.partition)
def test_every_document_fits_and_is_of_its_partition(where: Estate) -> None:
    documents = made(where, f"{'o' * 39}@12345678901/{'r' * 100}@12345678901")
    for name, document in documents.by_name.items():
        assert writing.length(document) <= writing.POLICY_SIZE, name
        assert len(name.removesuffix("-trust")) <= 128
    for role in documents.roles:
        assert len(role.name) <= 64
        assert len(role.policies) <= writing.POLICIES_PER_ROLE
    arns = [part for part in json.dumps(documents.by_name).split('"') if part.startswith("arn:")]
    assert arns
    assert {arn.split(":")[1] for arn in arns} == {where.partition}
    assert "{" not in "".join(arns)


@settings(deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=40))
def test_splitting_loses_nothing_and_fits(sizes: list[int]) -> None:
    statements = [
        {"Sid": f"S{i}", "Action": [f"ec2:{'x' * 20}"] * size, "Resource": "*"}
        for i, size in enumerate(sizes)
    ]
    parts = writing.split(statements, 2000)
    assert all(writing.length(part) <= 2000 for part in parts)
    kept = [statement["Sid"] for part in parts for statement in part["Statement"]]
    assert sorted(kept) == sorted(str(s["Sid"]) for s in statements)


def test_a_statement_that_cannot_fit_is_refused() -> None:
    with pytest.raises(IdpError, match="IDP-C072"):
        writing.split([{"Sid": "Large", "Action": ["ec2:DescribeVpcs"] * 500}])


@pytest.mark.parametrize(
    ("where", "audience"), [(HERE, "sts.amazonaws.com"), (PLACES[2], "sts.amazonaws.com.cn")]
)
def test_trust_is_pinned(where: Estate, audience: str) -> None:
    preview, apply = (role.trust["Statement"] for role in made(where).roles)
    assert [one["Condition"] for one in apply] == [
        {
            "StringEquals": {
                f"{trust.ISSUER}:aud": audience,
                f"{trust.ISSUER}:sub": ["repo:example/platform:environment:production"],
            }
        }
    ]
    assert [one["Condition"]["StringEquals"][f"{trust.ISSUER}:sub"] for one in preview] == [
        ["repo:example/platform:pull_request", "repo:example/platform:ref:refs/heads/main"]
    ]


WRONG = [
    ("*/platform", "production", "main"),
    ("example", "production", "main"),
    ("example/plat?form", "production", "main"),
    ("example/platform:x", "production", "main"),
    (REPOSITORY, "prod*", "main"),
    (REPOSITORY, "", "main"),
    (REPOSITORY, "production", "*"),
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_what_would_trust_more_than_one_is_refused(words: tuple[str, str, str]) -> None:
    with pytest.raises(IdpError, match="IDP-C071"):
        trust.check(*words)


def test_newer_repositories_have_ids_in_their_subject() -> None:
    assert trust.pull_request("example@1/platform@2") == "repo:example@1/platform@2:pull_request"
    trust.check("example@1/platform@2", "production")


@pytest.mark.parametrize(("name", "account"), [("*", ACCOUNT), ("idp", "*"), ("Idp", ""), ("idp-", ACCOUNT)])
def test_a_name_that_would_be_a_pattern_is_refused(name: str, account: str) -> None:
    with pytest.raises(IdpError, match="IDP-C070") as caught:
        estate(name, REGION, account, "aws")
    assert len(caught.value.faults) == (name != "idp") + (account != ACCOUNT)


def test_no_pattern_of_the_apply_role_reaches_the_roles_for_ci() -> None:
    """Or CI could give itself what it was refused."""
    changing = ("iam:Create", "iam:Put", "iam:Attach", "iam:Delete", "iam:Detach", "iam:Update", "iam:Pass")
    for role in made().roles:
        for document in role.policies.values():
            for statement in document["Statement"]:
                if any(action.startswith(changing) for action in statement["Action"]):
                    assert not any(PATH in resource or resource == "*" for resource in statement["Resource"])


# --- the template -----------------------------------------------------------------------------------------


def test_the_template_is_complete_and_fits() -> None:
    text = template.text(made(LONG))
    assert len(text) <= template.TEMPLATE_SIZE
    data = yaml.safe_load(text)
    resources = data["Resources"]
    known = {*resources, *data["Parameters"]}
    for reference in references(data):
        assert reference in known
    roles = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::IAM::Role"]
    assert [role["PermissionsBoundary"] for role in roles] == [{"Ref": "Boundary"}] * 2
    policies = {n: r for n, r in resources.items() if r["Type"] == "AWS::IAM::ManagedPolicy"}
    attached = {n: [ref["Ref"] for ref in r["Properties"].get("Roles", [])] for n, r in policies.items()}
    assert attached.pop("Boundary") == []
    assert attached == {name: [f"{name.partition('Role')[0]}Role"] for name in attached}
    assert {output["Value"]["Fn::GetAtt"][0] for output in data["Outputs"].values()} <= set(resources)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("Ref"), str):
            yield value["Ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


@pytest.fixture
def formation(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make the template's resources at moto's CloudFormation.

    moto imports a validator of OpenAPI documents before it makes any stack, for API gateways that no stack of
    ours has; something empty stands in where it is not installed.
    """
    if importlib.util.find_spec("openapi_spec_validator") is None:
        for module in ("", ".validation", ".validation.exceptions"):
            monkeypatch.setitem(sys.modules, f"openapi_spec_validator{module}", mock.MagicMock())

    def make(**parameters: str) -> None:
        # moto loads half of AWS first; a client that asks again meanwhile would find its own resources.
        patient = Config(read_timeout=600, retries={"total_max_attempts": 1})
        aws.client("cloudformation", config=patient).create_stack(
            StackName="roles",
            TemplateBody=template.text(made()),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        )

    return make


def test_cloudformation_makes_everything(aws: boto3.Session, formation: Callable[..., None]) -> None:
    """With the account's own identity provider: moto's CloudFormation does not know that type."""
    iam = aws.client("iam")
    there = iam.create_open_id_connect_provider(**provider())
    formation(ExistingOidcProvider=there["OpenIDConnectProviderArn"])
    for role in made().roles:
        found = iam.get_role(RoleName=role.name)["Role"]
        assert found["Arn"] == HERE.role_arn(role.name)
        assert found["AssumeRolePolicyDocument"] == role.trust
        assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == HERE.policy_arn(HERE.boundary)
        attached = iam.list_attached_role_policies(RoleName=role.name)["AttachedPolicies"]
        assert {policy["PolicyName"] for policy in attached} == set(role.policies)
        for policy in attached:
            version = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId="v1")["PolicyVersion"]
            assert version["Document"] == role.policies[policy["PolicyName"]]
    assert guard.find(session.connect(), HERE, f"arn:aws:iam::{ACCOUNT}:user/a-person") == guard.Guard(
        HERE.policy_arn(HERE.boundary), HERE.role_arn(HERE.apply), HERE.role_arn(HERE.preview)
    )


def test_the_identity_provider_is_the_one_that_the_roles_trust(aws: boto3.Session) -> None:
    iam = aws.client("iam")
    arn = iam.create_open_id_connect_provider(**provider())["OpenIDConnectProviderArn"]
    assert arn == trust.provider_arn(HERE)
    known = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert known["ClientIDList"] == [trust.audience(HERE)]


def test_an_account_that_knows_github_gets_no_second_provider() -> None:
    data = template.template(made())
    assert data["Resources"]["OidcProvider"]["Condition"] == "MakesOidcProvider"
    assert data["Conditions"]["MakesOidcProvider"] == {"Fn::Equals": [{"Ref": "ExistingOidcProvider"}, ""]}
    trusted = data["Resources"]["ApplyRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert trusted["Principal"]["Federated"]["Fn::If"][1:] == [
        {"Ref": "OidcProvider"},
        {"Ref": "ExistingOidcProvider"},
    ]


def provider() -> dict[str, Any]:
    """What the template asks of the identity provider, as IAM's own API has it."""
    asked = template.template(made())["Resources"]["OidcProvider"]["Properties"]
    return {"Url": asked["Url"], "ClientIDList": asked["ClientIdList"], "Tags": asked["Tags"]}


# --- the guard --------------------------------------------------------------------------------------------


def test_without_roles_there_is_no_guard(aws: boto3.Session) -> None:
    assert guard.find(session.connect(), HERE, "arn:aws:iam::1:user/a") == guard.Guard()


@pytest.mark.parametrize(
    ("caller", "ours"),
    [
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/{HERE.apply}/github-1", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/{HERE.preview}/github-1", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/Administrator/{HERE.apply}", False),
    ],
)
def test_a_session_of_ci_is_told_from_a_person(aws: boto3.Session, caller: str, ours: bool) -> None:
    assert guard.find(session.connect(), HERE, caller).is_caller is ours


def test_a_role_of_that_name_elsewhere_is_not_ours(aws: boto3.Session) -> None:
    aws.client("iam").create_role(RoleName=HERE.apply, AssumeRolePolicyDocument="{}", Path="/")
    assert guard.find(session.connect(), HERE, "").administrator == ""


# --- what the policies allow ------------------------------------------------------------------------------

STATE = f"idp-state-{ACCOUNT}-{REGION}"
OWN, OTHERS = ".pulumi/stacks/idp/idp.json", ".pulumi/stacks/idp/other.json"


@pytest.fixture
def acting(aws: boto3.Session, moto: str) -> Iterator[Callable[[str], boto3.Session]]:
    """A session of a role whose policies moto enforces: actions and resources, but no conditions."""
    s3, iam = aws.client("s3"), aws.client("iam")
    s3.create_bucket(Bucket=STATE, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in (OWN, OTHERS):
        s3.put_object(Bucket=STATE, Key=key, Body=b"{}")
    roles = {role.purpose: role for role in made().roles}

    def become(purpose: str) -> boto3.Session:
        role = roles[purpose]
        iam.create_role(RoleName=role.name, Path=PATH, AssumeRolePolicyDocument=json.dumps(role.trust))
        for name, document in role.policies.items():
            arn = iam.create_policy(PolicyName=name, Path=PATH, PolicyDocument=json.dumps(document))[
                "Policy"
            ]["Arn"]
            iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
        given = aws.client("sts").assume_role(RoleArn=HERE.role_arn(role.name), RoleSessionName="test")
        _enforce(moto, "0")
        key = given["Credentials"]
        return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"], REGION)

    yield become
    _enforce(moto, "inf")


def _enforce(url: str, after: str) -> None:
    httpx.post(f"{url}/moto-api/reset-auth", content=after, timeout=30).raise_for_status()


def refused(ask: Callable[..., Any], **what: Any) -> bool:
    """Did AWS refuse for want of rights? Any other error is one of the test."""
    try:
        ask(**what)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("AccessDenied", "UnauthorizedOperation"):
            return True
        raise
    return False


def test_preview_reads_the_state_and_writes_nothing(acting: Callable[[str], boto3.Session]) -> None:
    preview = acting("preview")
    s3, ec2 = preview.client("s3"), preview.client("ec2")
    assert not refused(s3.list_objects_v2, Bucket=STATE)
    assert not refused(s3.get_object, Bucket=STATE, Key=OWN)
    assert not refused(ec2.describe_vpcs)
    assert refused(s3.get_object, Bucket=STATE, Key=OTHERS)
    assert refused(s3.put_object, Bucket=STATE, Key=OWN, Body=b"")
    assert refused(s3.put_object, Bucket=STATE, Key=".pulumi/locks/organization/idp/idp/1.json", Body=b"")
    assert refused(s3.delete_object, Bucket=STATE, Key=OWN)
    assert refused(ec2.create_vpc, CidrBlock="10.0.0.0/16")


def test_apply_writes_the_state_of_its_platform_alone(acting: Callable[[str], boto3.Session]) -> None:
    s3 = acting("apply").client("s3")
    assert not refused(s3.put_object, Bucket=STATE, Key=OWN, Body=b"{}")
    assert not refused(s3.put_object, Bucket=STATE, Key=".pulumi/locks/organization/idp/idp/1.json", Body=b"")
    assert not refused(s3.put_object, Bucket=STATE, Key="idp/instances/idp.json", Body=b"{}")
    assert refused(s3.put_object, Bucket=STATE, Key=OTHERS, Body=b"{}")
    assert refused(s3.put_object, Bucket=STATE, Key="idp/instances/other.json", Body=b"{}")
    assert refused(s3.delete_bucket, Bucket=STATE)


# --- the command ------------------------------------------------------------------------------------------

GIVEN = ["cloud", "iam", "--github", REPOSITORY, "--account", ACCOUNT, "--region", REGION]


def test_the_documents_need_no_account_at_hand(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(GIVEN) == 0
    assert json.loads(capsys.readouterr().out) == made().by_name


def test_place_and_account_are_asked_of_aws(aws: boto3.Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(GIVEN[:4]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(made().by_name)


def test_the_template_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*GIVEN, "-o", "cloudformation"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == template.template(made())
