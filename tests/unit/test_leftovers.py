"""What is left of a platform: found in moto's account by tag, by the cluster's tag and by name."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from bootstrap import cli
from bootstrap.cloud import leftovers, session, tags
from bootstrap.cloud.kept import KEPT
from bootstrap.cloud.leftovers import Leftover
from bootstrap.cloud.traces import CLUSTER_TAGS
from bootstrap.errors import FAILED, READY
from stacks.eks.engine import ENGINE
from stacks.state import Recorded
from tests.aws import ACCOUNT, REGION

NAME = "demo"
OURS = {tags.INSTANCE: NAME}
OTHERS = {tags.INSTANCE: "other"}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path / "data"))


def pairs(on_it: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in on_it.items()]


def specified(kind: str, on_it: dict[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": pairs(on_it)}]


def left(name: str = NAME) -> dict[str, Leftover]:
    return {one.arn: one for one in leftovers.find(session.connect(), name)}


def volume(aws: boto3.Session, on_it: dict[str, str]) -> str:
    made = aws.client("ec2").create_volume(
        AvailabilityZone=f"{REGION}a", Size=1, TagSpecifications=specified("volume", on_it)
    )
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{made['VolumeId']}"


def instance(aws: boto3.Session, on_it: dict[str, str]) -> str:
    image = "ami-03cf127a"  # moto takes any; to list those that it knows takes it seconds
    made = aws.client("ec2").run_instances(
        ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=specified("instance", on_it)
    )
    return str(made["Instances"][0]["InstanceId"])


def balancer(aws: boto3.Session, name: str, on_it: dict[str, str]) -> str:
    subnets = [s["SubnetId"] for s in aws.client("ec2").describe_subnets()["Subnets"]][:2]
    made = aws.client("elbv2").create_load_balancer(
        Name=name, Subnets=subnets, Type="application", Tags=pairs(on_it)
    )
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def bucket(aws: boto3.Session, name: str, on_it: dict[str, str]) -> str:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs(on_it)})
    return f"arn:aws:s3:::{name}"


def test_nothing_is_left_in_an_empty_account(aws: boto3.Session) -> None:
    assert left() == {}


@pytest.mark.parametrize("tag", CLUSTER_TAGS)
def test_what_the_cluster_made_is_found_by_the_tag_of_the_cluster(aws: boto3.Session, tag: str) -> None:
    node = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance(aws, {tag: NAME})}"
    made = {node, volume(aws, {tag: NAME}), balancer(aws, "a", {tag: NAME})}
    instance(aws, {tag: "other"})
    volume(aws, {tag: "other"})
    balancer(aws, "b", {tag: "other"})
    found = left()
    assert made <= set(found)
    # moto tags the node's own volume with the node's tags, as launch templates do.
    assert {one.type for one in found.values()} == {
        "ec2:instance",
        "ec2:volume",
        "elasticloadbalancing:loadbalancer",
    }
    assert not any(one.kept for one in found.values())
    assert found[node].why.startswith("a node that Auto Mode")


def test_what_pulumi_made_is_found_by_our_tag(aws: boto3.Session) -> None:
    vpc = aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specified("vpc", OURS))
    bucket(aws, "theirs", OTHERS)
    network = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/{vpc['Vpc']['VpcId']}"
    store = bucket(aws, "ours", OURS)
    assert set(left()) == {network, store}


def test_every_page_is_read(aws: boto3.Session) -> None:
    made = {volume(aws, OURS) for _ in range(60)}  # moto's tagging API gives 50 at a time
    balancers = {balancer(aws, f"b{n}", OURS) for n in range(21)}  # and describe_tags takes 20
    assert set(left()) == made | balancers


def test_what_is_meant_to_stay_is_told_apart(aws: boto3.Session) -> None:
    kept = bucket(aws, "kept", {**OURS, KEPT: "down without --delete-data"})
    leaked = bucket(aws, "leaked", OURS)
    found = left()
    assert list(found) == [leaked, kept]  # kept things last
    assert found[kept].kept
    assert "down without --delete-data" in found[kept].why
    assert not found[leaked].kept
    (fault,) = ENGINE.leftovers(NAME, REGION, Recorded())
    assert leaked in fault
    recorded = Recorded(({"type": "aws:s3/bucket:Bucket", "urn": "b", "outputs": {"arn": leaked}},))
    assert ENGINE.leftovers(NAME, REGION, recorded) == [], "what the state still knows has not leaked"


def test_roles_and_log_groups_are_found_by_name_and_zones_by_tag(aws: boto3.Session) -> None:
    iam, logs, route53 = aws.client("iam"), aws.client("logs"), aws.client("route53")
    for name in (f"demo-{REGION}-node", "demo-us-east-1-node", f"demo2-{REGION}-node"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    for name in ("/aws/eks/demo/cluster", "/aws/eks/demo2/cluster"):
        logs.create_log_group(logGroupName=name)
    ids = {}
    for domain, on_it in (("a.example.org", OURS), ("b.example.org", OTHERS)):
        zone = route53.create_hosted_zone(Name=domain, CallerReference=domain)
        ids[domain] = zone["HostedZone"]["Id"].rpartition("/")[2]
        route53.change_tags_for_resource(
            ResourceType="hostedzone", ResourceId=ids[domain], AddTags=pairs(on_it)
        )
    assert {arn: one.type for arn, one in left().items()} == {
        f"arn:aws:iam::{ACCOUNT}:role/demo-{REGION}-node": "iam:role",
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/eks/demo/cluster": "logs:log-group",
        f"arn:aws:route53:::hostedzone/{ids['a.example.org']}": "route53:hostedzone",
    }


def test_what_is_on_its_way_out_is_no_leak(aws: boto3.Session) -> None:
    ec2, kms, secrets = aws.client("ec2"), aws.client("kms"), aws.client("secretsmanager")
    ending = instance(aws, OURS)
    key = kms.create_key(Tags=[{"TagKey": k, "TagValue": v} for k, v in OURS.items()])["KeyMetadata"]
    secret = secrets.create_secret(Name="demo/a", SecretString="x", Tags=pairs(OURS))["ARN"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, TagSpecifications=specified("natgateway", OURS))
    before = left()
    assert {key["Arn"], secret} <= set(before)
    assert {one.type for one in before.values()} >= {"ec2:instance", "kms:key", "secretsmanager:secret"}
    ec2.terminate_instances(InstanceIds=[ending])
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=30)
    secrets.delete_secret(SecretId=secret, RecoveryWindowInDays=30)
    ec2.delete_nat_gateway(NatGatewayId=gateway["NatGateway"]["NatGatewayId"])
    assert left() == {}


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        ("arn:aws:s3:::a", "s3:bucket"),
        ("arn:aws-cn:ec2:cn-north-1:1:natgateway/nat-1", "ec2:natgateway"),
        ("arn:aws:rds:eu-central-1:1:db:demo", "rds:db"),
        ("arn:aws-us-gov:eks:us-gov-west-1:1:cluster/demo", "eks:cluster"),
        ("arn:aws:sns:eu-central-1:1:demo-budget", "sns:topic"),
        ("arn:aws:secretsmanager:eu-central-1:1:secret:demo/a-AbCdEf", "secretsmanager:secret"),
    ],
)
def test_kinds(arn: str, kind: str) -> None:
    assert leftovers.kind_of(arn) == kind


def test_the_command_lists_leaks_and_kept_things_apart(
    aws: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = bucket(aws, "kept", {**OURS, KEPT: ""})
    assert cli.run(["cloud", "leaks", "--name", NAME, "-o", "json"]) == READY
    said = json.loads(capsys.readouterr().out)
    assert said["ok"]
    assert said["account"] == ACCOUNT
    assert [one["arn"] for one in said["kept"]] == [kept]
    leaked = bucket(aws, "leaked", OURS)
    assert cli.run(["cloud", "leaks", "--name", NAME, "-o", "json"]) == FAILED
    said = json.loads(capsys.readouterr().out)
    assert not said["ok"]
    assert [one["arn"] for one in said["leaked"]] == [leaked]
    assert cli.run(["cloud", "leaks", "--name", NAME]) == FAILED
    shown = capsys.readouterr().out
    assert f"1 left of `demo` in account {ACCOUNT}, {REGION}:" in shown
    assert "1 kept on purpose:" in shown


def test_the_command_says_where_it_found_nothing(
    aws: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["cloud", "leaks", "--name", NAME]) == READY
    assert capsys.readouterr().out == f"Nothing left of `demo` in account {ACCOUNT}, {REGION}.\n"
