"""What an account needs before a platform, against moto's picture of S3, KMS and Route 53."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from bootstrap import cli
from bootstrap.cloud import foundation, key, session, zone
from bootstrap.cloud.bucket import Bucket
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.progress import Event, Progress, silent
from tests.aws import ACCOUNT, REGION
from tests.aws import foundation as prepared

NAME = f"idp-state-{ACCOUNT}-{REGION}"
DOMAIN = "idp.example.org"
TAGS = {"idp:managed-by": "idp", "idp:purpose": "state"}


@pytest.fixture(autouse=True)
def account(aws: boto3.Session) -> boto3.Session:
    return aws


def lay(domain: str = "") -> foundation.Foundation:
    return foundation.lay(domain, silent())


def raze(domain: str = "") -> list[str]:
    """Take it down; what it said on the way. moto's reading of the policy would not let anybody do that."""
    s3 = boto3.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        s3.delete_bucket_policy(Bucket=bucket["Name"])
    events: list[Event] = []
    foundation.raze(domain, Progress(events.append))
    return [event.text for event in events if event.kind == "note"]


def require(domain: str = "") -> foundation.Foundation:
    aws = session.connect()
    return foundation.require(aws, aws.account(), domain)


def code_of(deed: Any, *arguments: Any) -> IdpError:
    with pytest.raises(IdpError) as caught:
        deed(*arguments)
    return caught.value


def test_the_bucket_is_as_safe_as_promised(aws: boto3.Session) -> None:
    laid, s3 = lay(), aws.client("s3")
    assert laid.bucket == NAME
    assert s3.get_bucket_location(Bucket=NAME)["LocationConstraint"] == REGION
    assert s3.get_bucket_versioning(Bucket=NAME)["Status"] == "Enabled"
    blocked = s3.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"]
    assert list(blocked.values()) == [True] * 4
    [rule] = s3.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": laid.key,
    }
    [statement] = json.loads(s3.get_bucket_policy(Bucket=NAME)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"]
    [kept] = s3.get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"]
    assert kept["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert kept["Status"] == "Enabled"
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=NAME)["TagSet"]}
    assert tags == TAGS


def test_the_key_turns_and_is_found_by_its_alias(aws: boto3.Session) -> None:
    laid, kms = lay(), aws.client("kms")
    assert kms.describe_key(KeyId="alias/idp-state")["KeyMetadata"]["Arn"] == laid.key
    assert kms.get_key_rotation_status(KeyId=laid.key)["KeyRotationEnabled"]
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=laid.key)["Tags"]}
    assert tags == TAGS


def test_the_second_time_finds_everything(aws: boto3.Session) -> None:
    assert lay(DOMAIN) == lay(DOMAIN) == require(DOMAIN)
    assert len(aws.client("kms").list_keys()["Keys"]) == 1
    assert len(aws.client("route53").list_hosted_zones()["HostedZones"]) == 1


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_any_region_of_any_partition(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto takes the partition from the region in the ARN of the caller."""
    monkeypatch.setenv("AWS_REGION", region)
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    laid = lay()
    assert laid == lay()
    assert laid.bucket == f"idp-state-{ACCOUNT}-{region}"
    policy = json.loads(boto3.client("s3").get_bucket_policy(Bucket=laid.bucket)["Policy"])
    partition = session.connect().account().partition
    assert policy["Statement"][0]["Resource"][0] == f"arn:{partition}:s3:::{laid.bucket}"
    assert laid.key.startswith(f"arn:{partition}:kms:{region}:")
    raze()


def test_a_key_that_a_killed_run_left_without_alias_is_taken_up(aws: boto3.Session) -> None:
    kms = aws.client("kms")
    tags = [{"TagKey": name, "TagValue": value} for name, value in TAGS.items()]
    left = kms.create_key(Tags=tags)["KeyMetadata"]["Arn"]
    kms.create_key()
    assert lay().key == left


def test_the_bucket_of_another_account_is_left_alone(aws: boto3.Session) -> None:
    role = f"arn:aws:iam::{ACCOUNT[::-1]}:role/other"
    said = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="other")["Credentials"]
    other = boto3.client(
        "s3",
        region_name=REGION,
        aws_access_key_id=said["AccessKeyId"],
        aws_secret_access_key=said["SecretAccessKey"],
        aws_session_token=said["SessionToken"],
    )
    other.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    error = code_of(lay)
    assert error.code == "IDP-C010"
    assert NAME in error.what
    assert other.list_buckets()["Buckets"][0]["Name"] == NAME
    with pytest.raises(other.exceptions.ClientError):
        other.get_bucket_policy(Bucket=NAME)


@pytest.mark.parametrize(
    ("spoil", "fix"),
    [
        (
            lambda kms, arn: kms.schedule_key_deletion(KeyId=arn.rpartition("/")[2]),
            "aws kms cancel-key-deletion",
        ),
        (lambda kms, arn: kms.disable_key(KeyId=arn.rpartition("/")[2]), "aws kms enable-key"),
    ],
    ids=["scheduled for deletion", "disabled"],
)
def test_a_key_that_cannot_be_used(aws: boto3.Session, spoil: Any, fix: str) -> None:
    arn = lay().key
    spoil(aws.client("kms"), arn)
    for deed in (lay, require):
        error = code_of(deed)
        assert error.code == "IDP-C011"
        assert error.fix.startswith(f"{fix} --region {REGION} --key-id {arn}")


def test_a_zone_that_was_there_is_used_and_never_removed(aws: boto3.Session) -> None:
    route53 = aws.client("route53")
    there = route53.create_hosted_zone(Name=DOMAIN, CallerReference="before")
    route53.create_hosted_zone(Name=f"other.{DOMAIN}", CallerReference="other")
    found = lay(f"{DOMAIN.upper()}.").zone
    assert found
    assert f"/hostedzone/{found.id}" == there["HostedZone"]["Id"]
    assert list(found.name_servers) == there["DelegationSet"]["NameServers"]
    assert any("it was there before idp" in note for note in raze(DOMAIN))
    assert len(route53.list_hosted_zones()["HostedZones"]) == 2


def test_several_zones_of_one_name(aws: boto3.Session) -> None:
    for reference in ("one", "two"):
        aws.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference=reference)
    assert code_of(lay, DOMAIN).code == "IDP-C013"


def test_all_that_is_missing_is_said_at_once() -> None:
    error = code_of(require, DOMAIN)
    assert error.code == "IDP-C012"
    assert error.faults == [f"bucket {NAME}", f"key {key.ALIAS}", f"public zone {DOMAIN}"]
    assert error.fix == f"idp cloud bootstrap --domain {DOMAIN}"


def test_back_to_an_empty_account(aws: boto3.Session) -> None:
    laid = prepared(aws, DOMAIN)
    bucket = Bucket(NAME, REGION, ACCOUNT)
    for content in (b"one", b"two"):
        bucket.write("left", content)
    bucket.remove("left")
    raze(DOMAIN)
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert aws.client("route53").list_hosted_zones()["HostedZones"] == []
    assert aws.client("kms").describe_key(KeyId=laid.key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert raze(DOMAIN) == ["already gone"] * 3
    assert lay().key != laid.key  # and forth again, without waiting


@pytest.mark.parametrize("left", ["idp/instances/team.json", ".pulumi/stacks/idp/team.json.bak"])
def test_no_foundation_is_removed_below_a_platform(aws: boto3.Session, left: str) -> None:
    """A record alone or a state alone is a platform that somebody could not remove any more."""
    prepared(aws)
    Bucket(NAME, REGION, ACCOUNT).write(left, b"{}")
    error = code_of(foundation.raze, "", silent())
    assert (error.code, error.faults) == ("IDP-C015", ["team"])
    assert len(aws.client("s3").list_buckets()["Buckets"]) == 1


def test_a_zone_with_records_stops_everything_before_it_begins(aws: boto3.Session) -> None:
    found = lay(DOMAIN).zone
    assert found
    record = {"Name": f"mail.{DOMAIN}", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    aws.client("route53").change_resource_record_sets(
        HostedZoneId=found.id, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )
    error = code_of(foundation.raze, DOMAIN, silent())
    assert (error.code, error.faults) == ("IDP-C014", [f"mail.{DOMAIN} A"])
    assert len(aws.client("s3").list_buckets()["Buckets"]) == 1
    raze()  # without the zone
    assert zone.find(session.connect(), DOMAIN) == found


def test_bootstrap_prints_what_to_delegate(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["cloud", "bootstrap", "--domain", DOMAIN, "--progress", "plain"]) == 0
    said = capsys.readouterr().out
    assert f"Bucket  {NAME}\n" in said
    assert said.count(f"  {DOMAIN}. NS ") == 4
    assert cli.run(["cloud", "bootstrap", "--domain", DOMAIN, "--progress", "plain", "-o", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() == {"account", "region", "bucket", "key", "zone"}
    assert found["zone"]["domain"] == DOMAIN
    assert all(f"{DOMAIN}. NS {server}." in said for server in found["zone"]["name_servers"])


def test_teardown_asks_first(aws: boto3.Session, capsys: pytest.CaptureFixture[str]) -> None:
    prepared(aws)
    asked = ["cloud", "teardown", "--progress", "plain"]
    assert cli.run(asked) == WRONG_USE
    assert "IDP-A012" in capsys.readouterr().err
    assert require().bucket == NAME
    assert cli.run([*asked, "--yes"]) == 0
    assert code_of(require).code == "IDP-C012"
