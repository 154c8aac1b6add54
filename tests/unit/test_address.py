"""The gateway's address: published in moto's Route 53, waited for in a Kubernetes API of the test's own."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from bootstrap.cloud import address, session
from bootstrap.errors import IdpError
from bootstrap.progress import silent
from tests.aws import REGION

DOMAIN = "idp.example.org"
ELSEWHERE = f"k8s-gateway-abc.{REGION}.elb.amazonaws.com"


@pytest.fixture
def zone(aws: boto3.Session) -> str:
    made = aws.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="a")
    return str(made["HostedZone"]["Id"])


def records(aws: boto3.Session, zone: str) -> dict[tuple[str, str], Any]:
    """What leads somewhere: (name, type) -> where."""
    found = aws.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return {
        (r["Name"].replace("\\052", "*"), r["Type"]): r.get("AliasTarget")
        or [value["Value"] for value in r["ResourceRecords"]]
        for r in found
        if r["Type"] not in ("NS", "SOA")
    }


def write(aws: boto3.Session, zone: str, name: str, type_: str, value: str) -> None:
    record = {"Name": name, "Type": type_, "TTL": 60, "ResourceRecords": [{"Value": value}]}
    changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
    aws.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def balancer(aws: boto3.Session) -> dict[str, Any]:
    subnets = [s["SubnetId"] for s in aws.client("ec2").describe_subnets()["Subnets"]][:2]
    made = aws.client("elbv2").create_load_balancer(Name="a", Subnets=subnets, Type="application")
    return dict(made["LoadBalancers"][0])


def published(target: str) -> bool:
    return address.publish(session.connect(), DOMAIN, target, silent())


def test_a_load_balancer_of_the_account_gets_aliases(aws: boto3.Session, zone: str) -> None:
    made = balancer(aws)
    assert published(made["DNSName"].upper())  # names of the DNS have no case
    found = records(aws, zone)
    assert set(found) == {(f"{DOMAIN}.", "A"), (f"*.{DOMAIN}.", "A")}
    for target in found.values():
        assert target["HostedZoneId"] == made["CanonicalHostedZoneId"]
        assert target["DNSName"].rstrip(".") == made["DNSName"].lower()


def test_another_one_gets_a_cname_for_the_names_below(aws: boto3.Session, zone: str) -> None:
    assert published(ELSEWHERE)
    assert records(aws, zone) == {(f"*.{DOMAIN}.", "CNAME"): [f"{ELSEWHERE}."]}


@pytest.mark.parametrize("own", [True, False], ids=["alias", "cname"])
def test_nothing_is_written_when_it_is_already_so(
    own: bool, aws: boto3.Session, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = balancer(aws)["DNSName"] if own else ELSEWHERE
    assert published(target)

    def refused(*_: object) -> None:
        raise AssertionError("written again")

    monkeypatch.setattr("moto.route53.models.Route53Backend.change_resource_record_sets", refused)
    assert not published(target)


def test_a_new_load_balancer_takes_the_place_of_the_old_one(aws: boto3.Session, zone: str) -> None:
    """A CNAME tolerates no other record of its name, so that it goes in the same change."""
    assert published(ELSEWHERE)
    assert published(balancer(aws)["DNSName"])
    assert set(records(aws, zone)) == {(f"{DOMAIN}.", "A"), (f"*.{DOMAIN}.", "A")}
    assert published(ELSEWHERE)
    assert (f"*.{DOMAIN}.", "CNAME") in records(aws, zone)
    assert (f"*.{DOMAIN}.", "A") not in records(aws, zone)


def test_dual_stack_gets_both_kinds_of_addresses() -> None:
    made = {"CanonicalHostedZoneId": "Z1", "DNSName": "a.elb.amazonaws.com", "IpAddressType": "dualstack"}
    assert {(r["Name"], r["Type"]) for r in address.records("d.org", "a", made)} == {
        ("d.org", "A"),
        ("d.org", "AAAA"),
        ("*.d.org", "A"),
        ("*.d.org", "AAAA"),
    }


@pytest.mark.parametrize("own", [True, False], ids=["alias", "cname"])
def test_withdrawing_removes_what_publishing_wrote_and_nothing_else(
    own: bool, aws: boto3.Session, zone: str
) -> None:
    write(aws, zone, f"www.{DOMAIN}", "CNAME", f"{ELSEWHERE}.")
    write(aws, zone, DOMAIN, "TXT", '"a"')
    before = records(aws, zone)
    published(balancer(aws)["DNSName"] if own else ELSEWHERE)
    assert records(aws, zone) != before
    assert address.withdraw(session.connect(), DOMAIN)
    assert records(aws, zone) == before
    assert not address.withdraw(session.connect(), DOMAIN)


def test_withdrawing_leaves_what_leads_elsewhere(aws: boto3.Session, zone: str) -> None:
    write(aws, zone, DOMAIN, "A", "192.0.2.1")
    write(aws, zone, f"*.{DOMAIN}", "CNAME", "pages.example.net.")
    before = records(aws, zone)
    assert not address.withdraw(session.connect(), DOMAIN)
    assert records(aws, zone) == before


@pytest.mark.parametrize(("zones", "words"), [(0, "there is no public zone"), (2, "several public zones")])
def test_without_one_zone_nothing_is_published(zones: int, words: str, aws: boto3.Session) -> None:
    for number in range(zones):
        aws.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference=str(number))
    with pytest.raises(IdpError) as raised:
        published(ELSEWHERE)
    assert raised.value.code == "IDP-C027"
    assert words in raised.value.what
    assert not address.withdraw(session.connect(), DOMAIN)
