"""Preflight of an account: judging is pure, cases are data; asking goes to moto and to a DNS of our own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import dns.rcode
import pytest
import yaml
from moto.core.exceptions import JsonRESTError
from moto.servicequotas.models import ServiceQuotasBackend

from bootstrap import doctor
from bootstrap import plan as planning
from bootstrap.cloud import preflight, session, survey, verdict
from bootstrap.cloud.delegation import Delegation, Dns, HostedZone
from bootstrap.cloud.session import Account
from bootstrap.cloud.survey import Allowance, Survey, Taken, Unknown
from bootstrap.cloud.verdict import Wanted
from bootstrap.errors import IdpError, catalogue
from bootstrap.finding import Finding, State
from bootstrap.model import Plan, Target
from stacks.eks.site import UNFIT_ZONES, Site
from tests import dns as nameserver
from tests.aws import ACCOUNT, REGION

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases/preflight.yaml").read_text())
DOMAIN = "idp.example.org"
NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)


def profile(name: str) -> Any:
    return planning.load("reference", Target("cloud", "demo"), profile=name, domain=DOMAIN).cloud


def known(value: Any, make: Any) -> Any:
    return Unknown(value["unknown"]) if isinstance(value, dict) else make(value)


def judged(case: dict[str, Any]) -> tuple[Finding, ...]:
    found = Survey(
        known(case.get("zones", ["a-az1", "a-az2", "a-az3"]), frozenset),
        known(case.get("cpus", [64, 0]), lambda v: Allowance(*v)),
        known(case.get("addresses", [5, 1]), lambda v: Allowance(*v)),
        known(case.get("networks", [5, 1]), lambda v: Allowance(*v)),
        tuple(known(one, lambda v: Taken(*v)) for one in case.get("taken", [])),
        known(case.get("state_bucket", "mine"), str),
        known(
            case.get("hosted", [["Z1", "ns1.aws", "ns2.aws"]]),
            lambda zones: tuple(HostedZone(id_, DOMAIN, frozenset(ns)) for id_, *ns in zones),
        ),
        Delegation(frozenset(case.get("delegated", ["ns1.aws", "ns2.aws"])), case.get("trouble", "")),
    )
    chosen = profile(case.get("profile", "team"))
    wanted = Wanted(
        "demo",
        "here-1",
        DOMAIN,
        replace(chosen, nat=case.get("nat", chosen.nat)),
        "idp-state-1-here-1",
        case.get("minutes", 600),
        case.get("existing", False),
        case.get("unfit_zones", []),
    )
    return verdict.judge(found, wanted)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_findings(case: dict[str, Any]) -> None:
    findings = judged(case)
    found = {f.code: f for f in findings if f.state is not State.OK}
    assert {code: f.state.value for code, f in found.items()} == {
        code: expected[0] for code, expected in case["findings"].items()
    }
    for code, (_, detail, remedy) in case["findings"].items():
        assert detail in found[code].detail
        assert remedy in found[code].remedy
    for finding in findings:
        assert finding.code in catalogue()
        assert (finding.state is State.OK) != bool(finding.remedy)


def test_a_refusal_lists_every_fault_with_its_remedy() -> None:
    error = doctor.refusal(judged(CASES[-1]))
    assert len(error.faults) == 8
    assert all(" → " in fault for fault in error.faults)
    assert "idp doctor" not in error.fix, "that one looks at this machine"


# --- asking ------------------------------------------------------------------------------------------------


@pytest.fixture
def plan() -> Plan:
    bare = planning.load("reference", Target("cloud", "demo"), profile="team", domain=DOMAIN)
    return planning.located(bare, Site("demo", REGION, ACCOUNT).facts)


@pytest.fixture
def quotas(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Quotas of EC2, which moto's server does not know; those of VPC are its own."""
    values = {"L-1216C47A": 64.0, "L-0263D0A3": 5.0}
    of_moto = ServiceQuotasBackend.get_service_quota

    def get(self: ServiceQuotasBackend, service_code: str, quota_code: str) -> dict[str, Any]:
        if service_code != "ec2":
            return of_moto(self, service_code, quota_code)
        if quota_code not in values:
            raise JsonRESTError("AccessDeniedException", "not authorized to perform: GetServiceQuota")
        return {"QuotaCode": quota_code, "Value": values[quota_code]}

    monkeypatch.setattr(ServiceQuotasBackend, "get_service_quota", get)
    return values


def prepared(aws: boto3.Session) -> list[str]:
    """An account that is ready for a platform; returns the name servers of its zone."""
    make_bucket(aws, f"idp-state-{ACCOUNT}-{REGION}")
    zone = aws.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="a")
    servers: list[str] = zone["DelegationSet"]["NameServers"]
    return servers


def make_bucket(aws: boto3.Session, name: str, account: str = ACCOUNT) -> None:
    s3 = aws.client("s3")
    s3.meta.events.register(
        "before-sign.s3", lambda request, **_: request.headers.add_header("x-moto-account-id", account)
    )
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


def checked(
    plan: Plan, resolver: Dns, *, existing: bool = False, unfit_zones: Sequence[str] = UNFIT_ZONES
) -> dict[str, Finding]:
    """What is not in order, by code."""
    connected = session.connect()
    found = preflight.check(
        connected,
        plan,
        connected.account(),
        existing=existing,
        now=NOW,
        unfit_zones=unfit_zones,
        resolver=resolver,
    )
    return {f.code: f for f in found if f.state is not State.OK}


def test_a_prepared_account_has_nothing_in_its_way(
    aws: boto3.Session, plan: Plan, quotas: dict[str, float]
) -> None:
    servers = prepared(aws)
    with nameserver.serving({DOMAIN: [s.upper() for s in servers]}) as resolver:
        assert checked(plan, resolver) == {}


def test_an_empty_account_is_told_everything_at_once(
    aws: boto3.Session, plan: Plan, quotas: dict[str, float]
) -> None:
    quotas.update({"L-1216C47A": 5.0})
    ec2 = aws.client("ec2")
    for _ in range(5):
        ec2.allocate_address(Domain="vpc")
    for _ in range(4):  # with the default one that makes five
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
    with nameserver.serving({}) as resolver:
        found = checked(plan, resolver)
    assert set(found) == {"IDP-C022", "IDP-C023", "IDP-C024", "IDP-C026", "IDP-C027"}
    assert all(f.state is State.FAIL for f in found.values())
    assert "0 of 5 left" in found["IDP-C023"].detail
    assert "0 of 5 left" in found["IDP-C024"].detail


def test_zones_that_eks_does_not_use_do_not_count(
    aws: boto3.Session, plan: Plan, quotas: dict[str, float]
) -> None:
    zones = aws.client("ec2").describe_availability_zones()["AvailabilityZones"]
    with nameserver.serving({}) as resolver:
        found = checked(plan, resolver, unfit_zones=[zones[0]["ZoneId"]])
    assert f"has {len(zones) - 1} zones" in found["IDP-C021"].detail


def test_every_name_that_is_taken_is_told(aws: boto3.Session, plan: Plan, quotas: dict[str, float]) -> None:
    occupy(aws, plan)
    servers = prepared(aws)
    connected = session.connect()
    with nameserver.serving({DOMAIN: servers}) as resolver:
        taken = survey.look(connected, plan, connected.account(), resolver, existing=False).taken
        assert taken == (
            Taken("cluster", "demo"),
            Taken("database", "demo"),
            Taken("repository", f"demo/{plan.images[0].name}"),
            Taken("role", f"demo-{REGION}-cluster"),
            Taken("log group", "/aws/eks/demo/cluster"),
        )
        assert checked(plan, resolver)["IDP-C025"].state is State.FAIL
        assert checked(plan, resolver, existing=True) == {}  # now they are the platform's own


@pytest.mark.parametrize(
    ("owner", "words"),
    [(ACCOUNT, "exists already"), ("210987654321", "is not yours")],
    ids=["own", "foreign"],
)
def test_a_bucket_that_is_taken_is_told(
    owner: str,
    words: str,
    aws: boto3.Session,
    plan: Plan,
    quotas: dict[str, float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", "false")  # read by the server, in this process
    name = f"demo-{ACCOUNT}-{REGION}-{plan.buckets[0].name}"
    make_bucket(aws, name, owner)
    with nameserver.serving({DOMAIN: prepared(aws)}) as resolver:
        assert checked(plan, resolver)["IDP-C025"].detail == f"the bucket `{name}` " + (
            words if owner == ACCOUNT else f"{words}, or may not be looked at"
        )


def test_a_foreign_bucket_for_the_state_is_refused(
    aws: boto3.Session, plan: Plan, quotas: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", "false")
    make_bucket(aws, f"idp-state-{ACCOUNT}-{REGION}", "210987654321")
    with nameserver.serving({}) as resolver:
        assert "belongs to another account" in checked(plan, resolver)["IDP-C026"].detail


def occupy(aws: boto3.Session, plan: Plan) -> None:
    """Take names of the platform `demo`, and some that only look like them."""
    aws.client("eks").create_cluster(
        name="demo", roleArn=f"arn:aws:iam::{ACCOUNT}:role/a", resourcesVpcConfig={"subnetIds": []}
    )
    aws.client("rds").create_db_instance(
        DBInstanceIdentifier="demo",
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="someone",
        ManageMasterUserPassword=True,
    )
    ecr, iam, logs = aws.client("ecr"), aws.client("iam"), aws.client("logs")
    for name in (f"demo/{plan.images[0].name}", f"demo2/{plan.images[0].name}", "demo/not-of-the-plan"):
        ecr.create_repository(repositoryName=name)
    for name in (f"demo-{REGION}-cluster", "demo-us-east-1-cluster", f"other-{REGION}-cluster"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    for name in ("/aws/eks/demo/cluster", "/aws/eks/demo/cluster2", "/aws/eks/demo2/cluster"):
        logs.create_log_group(logGroupName=name)


def test_quotas_that_may_not_be_read_are_no_fault(
    aws: boto3.Session, plan: Plan, quotas: dict[str, float]
) -> None:
    quotas.clear()
    servers = prepared(aws)
    with nameserver.serving({DOMAIN: servers}) as resolver:
        found = checked(plan, resolver)
    assert {code: f.state for code, f in found.items()} == {"IDP-C022": State.WARN, "IDP-C023": State.WARN}
    assert "not authorized to perform: GetServiceQuota" in found["IDP-C022"].detail


def test_credentials_that_aws_does_not_know_end_the_examination(
    aws: boto3.Session, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expired(self: ServiceQuotasBackend, **_: str) -> None:
        raise JsonRESTError("ExpiredTokenException", "The security token included in the request is expired")

    monkeypatch.setattr("moto.eks.models.EKSBackend.describe_cluster", expired)
    with nameserver.serving({}) as resolver, pytest.raises(IdpError) as raised:
        checked(plan, resolver)
    assert raised.value.code == "IDP-C003"


def test_the_life_of_credentials_counts_from_now(
    aws: boto3.Session, plan: Plan, quotas: dict[str, float]
) -> None:
    account = Account(ACCOUNT, REGION, "arn:aws:iam::1:user/a", NOW + timedelta(minutes=30))
    with nameserver.serving({}) as resolver:
        found = preflight.check(session.connect(), plan, account, existing=False, now=NOW, resolver=resolver)
    assert "30 minutes left" in found[0].detail


def test_a_private_zone_and_a_longer_name_are_not_the_zone(
    aws: boto3.Session, plan: Plan, quotas: dict[str, float]
) -> None:
    route53 = aws.client("route53")
    vpc = aws.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    route53.create_hosted_zone(Name=f"more.{DOMAIN}", CallerReference="a")
    route53.create_hosted_zone(
        Name=DOMAIN,
        CallerReference="b",
        VPC={"VPCRegion": REGION, "VPCId": vpc},
        HostedZoneConfig={"PrivateZone": True},
    )
    with nameserver.serving({}) as resolver:
        assert "no public zone" in checked(plan, resolver)["IDP-C027"].detail


# --- the DNS -----------------------------------------------------------------------------------------------


def test_the_dns_says_who_answers() -> None:
    with nameserver.serving({DOMAIN: ["NS2.example.net", "ns1.example.net"]}) as resolver:
        assert resolver.delegation(DOMAIN) == Delegation(frozenset({"ns1.example.net", "ns2.example.net"}))


@pytest.mark.parametrize(
    ("delegated", "rcode", "trouble"),
    [
        ({}, dns.rcode.NXDOMAIN, "does not exist"),
        ({DOMAIN: []}, dns.rcode.NXDOMAIN, "no name servers of its own"),
        ({}, dns.rcode.SERVFAIL, "do not answer for it"),
    ],
)
def test_the_dns_says_why_nobody_answers(delegated: dict[str, list[str]], rcode: int, trouble: str) -> None:
    with nameserver.serving(delegated, rcode) as resolver:
        found = resolver.delegation(DOMAIN)
    assert not found.servers
    assert trouble in found.trouble
