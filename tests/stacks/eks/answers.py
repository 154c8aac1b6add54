"""What AWS is taken to answer: to Pulumi's mocks, and to the provider that stands in for the real one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REGION, ACCOUNT = "eu-central-1", "123456789012"


def made(type_: str, name: str, inputs: Mapping[str, Any], partition: str) -> dict[str, Any]:
    """What is known of a resource once it exists, beyond what was asked for."""
    known: dict[str, Any] = {"arn": f"arn:{partition}:mock:{REGION}:{ACCOUNT}:{name}"}
    match type_:
        case "aws:eks/cluster:Cluster":
            known |= {
                "endpoint": "https://api.example.org",
                "certificateAuthority": {"data": "Q0E="},
                "createdAt": "2026-11-24T00:00:00Z",
                "vpcConfig": {**inputs["vpcConfig"], "clusterSecurityGroupId": "sg-cluster"},
            }
        case "aws:rds/instance:Instance":
            known |= {"address": "idp.rds.example.org"}
        case "aws:kms/key:Key":
            known |= {"keyId": "key-1"}
        case "aws:route53/record:Record":
            known |= {"fqdn": "_check.idp.example.org"}
        case "aws:acm/certificate:Certificate":
            record = {"resourceRecordName": "_check", "resourceRecordType": "CNAME"}
            known |= {"domainValidationOptions": [{**record, "resourceRecordValue": "yes"}] * 2}
    return known


def asked(token: str, args: Mapping[str, Any], partition: str) -> dict[str, Any]:
    """The answer to a question that changes nothing."""
    known: dict[str, dict[str, Any]] = {
        "aws:index/getAvailabilityZones:getAvailabilityZones": {"names": [f"zone-{i}" for i in range(6)]},
        "aws:index/getCallerIdentity:getCallerIdentity": {
            "arn": f"arn:{partition}:sts::{ACCOUNT}:assumed-role/apply/session"
        },
        "aws:iam/getSessionContext:getSessionContext": {
            "issuerArn": f"arn:{partition}:iam::{ACCOUNT}:role/apply"
        },
        "aws:route53/getZone:getZone": {"zoneId": f"public zone of {args.get('name')}"}
        if args.get("privateZone") is False
        else {},
    }
    return known[token]
