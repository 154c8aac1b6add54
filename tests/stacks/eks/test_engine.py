"""Everything that the engine asks of AWS, for every profile and in several partitions."""

from __future__ import annotations

import base64
import inspect
import json
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, urlparse

import pulumi_aws as aws
import pytest
import yaml

from bootstrap import imagetags
from bootstrap import plan as planning
from bootstrap.errors import IdpError
from bootstrap.progress import silent
from stacks.eks import registry, token
from stacks.eks.engine import CLUSTER_TYPE, ENGINE
from stacks.eks.site import Site
from stacks.engine import Preparation, Supply
from stacks.state import Recorded
from tests.stacks.eks.answers import ACCOUNT
from tests.stacks.eks.support import (
    PLACES,
    PROFILES,
    TAGS,
    Declared,
    declare,
    declared,
    plan,
    profile,
    supply,
)
from tests.stacks.support import HERE

CASES = yaml.safe_load((HERE / "eks" / "cases.yaml").read_text())


@pytest.fixture(params=[(region, name) for region in PLACES for name in PROFILES], ids="-".join)
def everywhere(request: pytest.FixtureRequest) -> Declared:
    return declared(*request.param)


@pytest.mark.parametrize("case", CASES["common"], ids=lambda case: case["name"])
def test_every_profile_has(case: dict[str, Any], everywhere: Declared) -> None:
    found = everywhere.resources[case["name"]]
    wanted = case.get("inputs", {})
    assert found.type == case["type"]
    assert {key: found.inputs.get(key) for key in wanted} == wanted
    assert set(case.get("after", ())) <= found.after


def test_namespaces_of_users_are_out_of_reach_of_the_platforms_passwords(everywhere: Declared) -> None:
    statements = json.loads(everywhere.resources["policy/external-secrets"].inputs["policy"])["Statement"]
    readable = [s["Resource"] for s in statements if "secretsmanager:GetSecretValue" in s["Action"]]
    patterns = [pattern.rpartition(":secret:")[2] for resources in readable for pattern in resources]
    assert patterns == ["idp/shared/*"]
    kept = [s.inputs["name"] for s in everywhere.of("aws:secretsmanager/secret:Secret")]
    assert kept
    assert not any(fnmatchcase(name, pattern) for name in kept for pattern in patterns)


@pytest.mark.parametrize("case", CASES["profiles"], ids=lambda case: case["name"])
@pytest.mark.parametrize("region", PLACES)
def test_a_profile_decides(case: dict[str, Any], region: str) -> None:
    found = declared(region, case["name"])
    database = found.resources["database"].inputs
    assert len(found.of("aws:ec2/subnet:Subnet")) == 2 * case["zones"]
    assert len(found.of("aws:ec2/natGateway:NatGateway")) == case["gateways"]
    assert len(found.of("aws:ec2/vpcEndpoint:VpcEndpoint")) == case["endpoints"]
    assert {key: database[key] for key in case["database"]} == case["database"]
    assert found.resources["cluster/logs"].inputs["retentionInDays"] == case["log_days"]
    assert [o["metadata"]["name"] for o in found.objects if o["kind"] == "NodePool"] == case["pools"]
    assert all(o["spec"]["limits"] for o in found.objects if o["kind"] == "NodePool")
    budgets = [r.inputs["limitAmount"] for r in found.of("aws:budgets/budget:Budget")]
    # The Budgets API does not exist in GovCloud.
    assert budgets == ([] if region.startswith("us-gov-") else [case["budget"]])


def test_everything_that_can_carry_tags_does(everywhere: Declared) -> None:
    for resource in everywhere.resources.values():
        if "tags" in constructor(resource.type):
            assert TAGS.items() <= resource.inputs["tags"].items(), resource.name
    provider = everywhere.resources["aws"].inputs
    assert json.loads(provider["defaultTags"]) == {"tags": TAGS}
    assert json.loads(provider["allowedAccountIds"]) == [ACCOUNT]


def test_everything_goes_through_the_provider_that_knows_its_account(everywhere: Declared) -> None:
    for resource in everywhere.resources.values():
        assert resource.name == "aws" or "::aws::" in resource.provider, resource.name


def test_nothing_is_of_another_partition(everywhere: Declared, request: pytest.FixtureRequest) -> None:
    region = next(r for r in PLACES if r in request.node.name)
    text = json.dumps([r.inputs for r in everywhere.resources.values()])
    others = set(PLACES.values()) - {PLACES[region]}
    assert not [other for other in others if f"arn:{other}:" in text]


def test_what_only_provisioning_tells(everywhere: Declared) -> None:
    assert everywhere.facts == {"database_host": "idp.rds.example.org"}


@pytest.mark.parametrize("region", PLACES)
def test_facts_that_follow_from_the_place(region: str) -> None:
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    assert Site("idp", region, ACCOUNT).facts == {
        "registry": f"{ACCOUNT}.dkr.ecr.{region}.{suffix}/idp",
        "objectstore_endpoint": f"https://s3.{region}.{suffix}",
        "objectstore_region": region,
        "bucket_prefix": f"idp-{ACCOUNT}-{region}-",
        "signer": f"awskms:///arn:{PLACES[region]}:kms:{region}:{ACCOUNT}:alias/idp-{region}-images",
    }
    known = plan(profile("team"))
    assert planning.located(known, Site("idp", region, ACCOUNT).facts).facts.domain == known.facts.domain


def test_the_newest_images_stay_with_all_that_vouches_for_them() -> None:
    keep = 3
    rules: Any = registry.lifecycle(keep, 7)["rules"]
    made: list[str] = []
    for number in range(10):
        image, bill = (f"sha256:{kind}{number:015d}{'0' * 48}" for kind in "ab")
        made += [imagetags.image(image), imagetags.bill(bill), *map(imagetags.signature, (image, bill))]
    left = made
    for rule in (r["selection"] for r in rules if r["selection"]["tagStatus"] == "tagged"):
        [pattern] = rule["tagPatternList"]
        matching = [tag for tag in left if fnmatchcase(tag, pattern)]
        assert matching, "a rule that is about nothing"
        gone = set(matching[: -rule["countNumber"]])
        left = [tag for tag in left if tag not in gone]
    assert left == made[-4 * keep :]


def test_access_needs_no_secret(everywhere: Declared) -> None:
    user = everywhere.kubeconfig["users"][0]["user"]
    assert set(user) == {"exec"}
    assert user["exec"]["args"][:2] == ["-m", "stacks.eks.token"]


@pytest.mark.parametrize(
    ("cidrs", "public"), [((), False), (("192.0.2.0/24",), True)], ids=["private", "named networks"]
)
def test_the_api_is_as_open_as_asked(cidrs: tuple[str, ...], public: bool) -> None:
    found = declare("eu-central-1", replace(profile("team"), public_cidrs=cidrs))
    config = found.resources["cluster"].inputs["vpcConfig"]
    assert config["endpointPrivateAccess"] is True
    assert config["endpointPublicAccess"] is public
    assert tuple(config.get("publicAccessCidrs", ())) == cidrs


def test_what_is_asked_exists_in_the_provider(everywhere: Declared) -> None:
    """Names of properties, as the provider's own SDK has them."""
    for resource in everywhere.resources.values():
        known = {camel(name) for name in constructor(resource.type)}
        assert set(resource.inputs) <= known, resource.name


def constructor(type_: str) -> set[str]:
    """Names of a resource's properties in the SDK; `aws:eks/cluster:Cluster` -> aws.eks.Cluster."""
    if type_ == "pulumi:providers:aws":
        return set(inspect.signature(aws.Provider._internal_init).parameters)
    _, module, name = type_.split(":")
    found = getattr(getattr(aws, module.split("/")[0]), name)
    return set(inspect.signature(found._internal_init).parameters)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


RECORDED = Recorded(
    ({"type": CLUSTER_TYPE, "outputs": {"arn": f"arn:aws:eks:eu-central-1:{ACCOUNT}:cluster/idp"}},)
)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (supply("eu-central-1"), None),
        (supply("eu-west-1"), "IDP-P021"),
        (replace(supply("eu-central-1"), account="210987654321"), "IDP-P021"),
    ],
    ids=["the same place", "another region", "another account"],
)
def test_a_platform_stays_where_it_is(given: Supply, code: str | None) -> None:
    assert said(given) == code


def said(given: Supply) -> str | None:
    """The code with which the engine refuses, if it does."""
    wanted = plan(profile("team"))
    try:
        ENGINE.prepare(wanted, given, RECORDED, silent(), False)
    except IdpError as error:
        return error.code
    return None


def test_a_new_platform_may_stand_anywhere() -> None:
    given = supply("cn-north-1")
    assert ENGINE.prepare(plan(profile("team")), given, Recorded(), silent(), False) is Preparation.NOTHING


def test_a_token_is_a_signed_question_to_the_region_and_lives_for_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    found = token.credential("idp", "cn-north-1", datetime(2026, 11, 24, tzinfo=UTC))
    status = found["status"]
    prefix, _, encoded = status["token"].partition(".")
    url = urlparse(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    query = parse_qs(url.query)
    assert prefix == "k8s-aws-v1"
    assert url.hostname == "sts.cn-north-1.amazonaws.com.cn"
    assert query["Action"] == ["GetCallerIdentity"]
    assert query["X-Amz-Expires"] == ["60"]
    # Bound to one cluster: the header with its name is signed.
    assert query["X-Amz-SignedHeaders"] == ["host;x-k8s-aws-id"]
    assert status["expirationTimestamp"] == "2026-11-24T00:14:00Z"
