"""What still exists in AWS of a platform, and whether it is meant to."""

from __future__ import annotations

from dataclasses import dataclass

from bootstrap.cloud import tags, traces
from bootstrap.cloud.kept import KEPT
from bootstrap.cloud.session import Aws, explained
from bootstrap.cloud.traces import CLUSTER_TAGS, Tags

#: Services whose ARNs do not say what kind of thing they name.
_UNNAMED = {"s3": "bucket", "sns": "topic", "sqs": "queue"}


@dataclass(frozen=True)
class Leftover:
    """Something of a platform; `kept`: it is meant to stay."""

    arn: str
    type: str
    why: str
    kept: bool = False


def find(aws: Aws, name: str) -> list[Leftover]:
    """Everything in the region (and in IAM and Route 53) that is the platform's, kept things last.

    What is on its way out already is not among it. Raises IDP-C002 to C007: half a look is none.
    """
    with explained("looking for what is left"):
        found = traces.of(aws, name)
    left = [judged(arn, on_it) for arn, on_it in found.items()]
    return sorted(left, key=lambda one: (one.kept, one.type, one.arn))


def judged(arn: str, on_it: Tags) -> Leftover:
    """What that is, why it may be there, and whether it is meant to stay. Pure."""
    kind = kind_of(arn)
    if KEPT in on_it:
        return Leftover(arn, kind, f"kept on purpose: {on_it[KEPT] or 'it holds data'}", kept=True)
    made_by_cluster = any(tag in on_it for tag in CLUSTER_TAGS) and tags.INSTANCE not in on_it
    fallback = "the cluster made it and did not remove it" if made_by_cluster else "it was not removed"
    return Leftover(arn, kind, _WHY.get(kind, fallback))


def kind_of(arn: str) -> str:
    """Service and kind of a resource, for instance `ec2:instance` or `s3:bucket`."""
    _, _, service, _, _, resource = arn.split(":", 5)
    kind = _UNNAMED.get(service) or resource.replace(":", "/").split("/")[0]
    return f"{service}:{kind}"


_WHY = {
    "ec2:instance": "a node that Auto Mode had not ended when the cluster went",
    "ec2:volume": "the volume of a claim that was not deleted before the cluster",
    "ec2:network-interface": "of a node or load balancer that still exists, or has just gone",
    "ec2:security-group": "of a load balancer, or of a network that could not be removed",
    "ec2:vpc": "something in the network still exists, so that it could not be removed",
    "ec2:subnet": "something in the network still exists, so that it could not be removed",
    "ec2:natgateway": "it was not removed, and costs money by the hour",
    "ec2:elastic-ip": "it was not released, and costs money by the hour",
    "elasticloadbalancing:loadbalancer": "the Gateway was not deleted before the cluster",
    "elasticloadbalancing:targetgroup": "the Gateway was not deleted before the cluster",
    "eks:cluster": "it was not removed, or is protected from deletion",
    "rds:db": "it was not removed, or is protected from deletion",
    "rds:snapshot": "the last snapshot of the database; nobody marked it as kept",
    "s3:bucket": "a bucket with objects in it is not removed",
    "ecr:repository": "a repository with images in it is not removed",
    "logs:log-group": "EKS writes its last lines after the group was removed, and makes it again",
    "iam:role": "it was not removed; it costs nothing, but its name is taken",
    "kms:key": "it was not scheduled for deletion",
    "secretsmanager:secret": "it was not scheduled for deletion",
    "route53:hostedzone": "it holds records that nobody removed",
}
