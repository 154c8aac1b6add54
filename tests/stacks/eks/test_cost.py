"""What is estimated is what the engine declares: the two are written apart, and must not drift apart."""

from __future__ import annotations

import pytest

from bootstrap import cost
from tests.stacks.eks.support import PROFILES, declared, plan, profile

REGION = "eu-central-1"


@pytest.mark.parametrize("name", PROFILES)
def test_an_estimate_counts_what_is_declared(name: str) -> None:
    made = declared(REGION, name)
    value = cost.of_plan(plan(profile(name)), REGION)
    lines = {line.draft.item: line.draft.quantity for line in value.lines if line.draft.fixed}
    high = {line.draft.item: line.draft.quantity.high for line in value.lines}

    def count(item: str) -> float:
        return lines[item].low if item in lines else 0

    endpoints = [e.inputs for e in made.of("aws:ec2/vpcEndpoint:VpcEndpoint")]
    interfaces = [e for e in endpoints if e["vpcEndpointType"] == "Interface"]
    database = made.resources["database"].inputs
    copies = 2 if database["multiAz"] else 1
    assert count("eks-cluster") == len(made.of("aws:eks/cluster:Cluster"))
    assert count("nat-hour") == len(made.of("aws:ec2/natGateway:NatGateway"))
    assert count("endpoint-hour") == sum(len(e["subnetIds"]) for e in interfaces)
    assert count("secret") == len(made.of("aws:secretsmanager/secret:Secret"))
    assert count("key") == len(made.of("aws:kms/key:Key"))
    assert count("zone") == 1  # of the account's foundation: the program only looks it up
    assert count(f"rds:{database['instanceClass']}") == copies
    assert high["rds-storage"] == copies * database["maxAllocatedStorage"]
    # Every address of a gateway, and one in each zone for the load balancer, which Auto Mode makes later.
    zones = len(made.of("aws:ec2/subnet:Subnet")) / 2
    assert count("ipv4-hour") == len(made.of("aws:ec2/eip:Eip")) + zones


def test_nothing_that_is_dear_is_declared_without_being_estimated() -> None:
    """Types of resources by what they cost; a new one has to be put in one of the two sets."""
    dear = {"eks/cluster", "ec2/natGateway", "ec2/eip", "ec2/vpcEndpoint", "rds/instance", "kms/key"}
    dear |= {"secretsmanager/secret", "route53/zone", "s3/bucket", "ecr/repository", "cloudwatch/logGroup"}
    free = {"acm", "budgets", "iam", "sns", "vpc", "eks/podIdentityAssociation", "eks/accessEntry"}
    free |= {"eks/accessPolicyAssociation", "rds/subnetGroup", "kms/alias", "secretsmanager/secretVersion"}
    free |= {"route53/record", "ecr/lifecyclePolicy"}
    free |= {f"ec2/{name}" for name in ("vpc", "subnet", "route", "routeTable", "routeTableAssociation")}
    free |= {f"ec2/{name}" for name in ("defaultSecurityGroup", "internetGateway", "securityGroup")}
    free |= {
        f"s3/bucket{name}" for name in ("PublicAccessBlock", "OwnershipControls", "Versioning", "Policy")
    }
    free |= {"s3/bucketServerSideEncryptionConfiguration"}
    for name in PROFILES:
        types = {r.type.split(":")[1] for r in declared(REGION, name).resources.values() if r.name != "aws"}
        unknown = {t for t in types if t not in dear | free and t.split("/")[0] not in free}
        assert not unknown
