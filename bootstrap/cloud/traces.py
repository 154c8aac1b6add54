"""Ways to find in AWS what belongs to a platform: by its tags, by its cluster's, by the names it uses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from bootstrap.cloud import tags
from bootstrap.cloud.session import Account, Aws
from bootstrap.cloud.survey import roles
from bootstrap.parallel import gather

#: What Auto Mode makes carries the cluster's name under these instead of ours.
CLUSTER_TAGS = ("eks:eks-cluster-name", "aws:eks:cluster-name")
_SERVICES = ("resourcegroupstaggingapi", "ec2", "elbv2", "logs", "iam", "route53", "kms", "secretsmanager")
#: States of what has ended, or is about to by itself.
_ENDING = ("terminated", "shutting-down", "deleted", "deleting", "PendingDeletion")

Tags = Mapping[str, str]
Found = tuple[str, Tags]
_Client = Any


def of(aws: Aws, name: str) -> dict[str, dict[str, str]]:
    """What exists of a platform: ARN -> tags. The caller explains errors."""
    account = aws.account()
    # A session makes clients in one thread only; the clients themselves can be shared.
    clients = {service: aws.client(service) for service in _SERVICES}
    found = _merged(gather([partial(list, look) for look in _looks(clients, account, name)]))
    ended = _ended(clients, list(found))
    return {arn: on_it for arn, on_it in found.items() if arn not in ended}


def _merged(found: Iterable[Iterable[Found]]) -> dict[str, dict[str, str]]:
    """Each thing once, by whatever way it was found, with all tags that were seen on it."""
    merged: dict[str, dict[str, str]] = {}
    for arn, on_it in (one for look in found for one in look):
        merged.setdefault(arn, {}).update(on_it)
    return merged


def _looks(clients: Mapping[str, _Client], account: Account, name: str) -> list[Iterator[Found]]:
    """Ways to find something of the platform, each independent of the others."""
    tagging, ec2 = clients["resourcegroupstaggingapi"], clients["ec2"]
    here = f"arn:{account.partition}:ec2:{account.region}:{account.id}"
    return [
        *(_tagged(tagging, tag, name) for tag in (tags.INSTANCE, *CLUSTER_TAGS)),
        *(_instances(ec2, tag, name, here) for tag in CLUSTER_TAGS),
        *(_volumes(ec2, tag, name, here) for tag in CLUSTER_TAGS),
        _balancers(clients["elbv2"], name),
        _log_groups(clients["logs"], name),
        _roles(clients["iam"], f"{name}-{account.region}-"),
        _zones(clients["route53"], name, account.partition),
    ]


def _tagged(tagging: _Client, tag: str, name: str) -> Iterator[Found]:
    filters = [{"Key": tag, "Values": [name]}]
    for page in tagging.get_paginator("get_resources").paginate(TagFilters=filters):
        for found in page["ResourceTagMappingList"]:
            yield found["ResourceARN"], _plain(found.get("Tags"))


def _instances(ec2: _Client, tag: str, name: str, here: str) -> Iterator[Found]:
    for page in ec2.get_paginator("describe_instances").paginate(Filters=_having(tag, name)):
        for found in (i for r in page["Reservations"] for i in r["Instances"]):
            yield f"{here}:instance/{found['InstanceId']}", _plain(found.get("Tags"))


def _volumes(ec2: _Client, tag: str, name: str, here: str) -> Iterator[Found]:
    for page in ec2.get_paginator("describe_volumes").paginate(Filters=_having(tag, name)):
        for found in page["Volumes"]:
            yield f"{here}:volume/{found['VolumeId']}", _plain(found.get("Tags"))


def _having(tag: str, value: str) -> list[dict[str, Any]]:
    return [{"Name": f"tag:{tag}", "Values": [value]}]


def _balancers(elb: _Client, name: str) -> Iterator[Found]:
    """They cannot be filtered by tag; AWS tells the tags of twenty at a time."""
    pages = elb.get_paginator("describe_load_balancers").paginate()
    arns = [lb["LoadBalancerArn"] for page in pages for lb in page["LoadBalancers"]]
    for some in _batches(arns, 20):
        for found in elb.describe_tags(ResourceArns=list(some))["TagDescriptions"]:
            on_it = _plain(found["Tags"])
            if name in _values(on_it, (*CLUSTER_TAGS, tags.INSTANCE)):
                yield found["ResourceArn"], on_it


def _log_groups(logs: _Client, name: str) -> Iterator[Found]:
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/aws/eks/{name}/")
    for found in (group for page in pages for group in page["logGroups"]):
        arn = found["arn"].removesuffix(":*")
        yield arn, logs.list_tags_for_resource(resourceArn=arn).get("tags", {})


def _roles(iam: _Client, prefix: str) -> Iterator[Found]:
    for role in roles(iam, prefix):
        yield role["Arn"], _plain(iam.list_role_tags(RoleName=role["RoleName"])["Tags"])


def _zones(route53: _Client, name: str, partition: str) -> Iterator[Found]:
    """Route 53 is of no region, and the tagging API tells of it in one region only. Ten at a time."""
    pages = route53.get_paginator("list_hosted_zones").paginate()
    ids = [zone["Id"].rpartition("/")[2] for page in pages for zone in page["HostedZones"]]
    for some in _batches(ids, 10):
        asked = route53.list_tags_for_resources(ResourceType="hostedzone", ResourceIds=list(some))
        for found in asked["ResourceTagSets"]:
            on_it = _plain(found["Tags"])
            if on_it.get(tags.INSTANCE) == name:
                yield f"arn:{partition}:route53:::hostedzone/{found['ResourceId']}", on_it


def _plain(pairs: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    return {pair["Key"]: pair.get("Value", "") for pair in pairs or ()}


def _values(on_it: Tags, keys: Collection[str]) -> list[str]:
    return [on_it[key] for key in keys if key in on_it]


def _batches(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (values[i : i + size] for i in range(0, len(values), size))


def _ended(clients: Mapping[str, _Client], arns: Sequence[str]) -> set[str]:
    """Those that have ended: by its tags AWS lists for a while what it has deleted."""
    ec2 = clients["ec2"]
    ways: dict[str, Callable[[Sequence[str]], dict[str, str]]] = {
        ":instance/": partial(_instance_states, ec2),
        ":natgateway/": lambda ids: _states(ec2, "nat_gateways", "NatGateway"),
        ":vpc-endpoint/": lambda ids: _states(ec2, "vpc_endpoints", "VpcEndpoint"),
        ":key/": partial(_key_states, clients["kms"]),
        ":secret:": partial(_secret_states, clients["secretsmanager"]),
    }
    ended = set()
    for part, ask in ways.items():
        by_id = {_id_of(arn, part): arn for arn in arns if part in arn}
        states = ask(list(by_id)) if by_id else {}
        # What AWS does not know any more has ended, too.
        ended |= {arn for id_, arn in by_id.items() if states.get(id_, "deleted") in _ENDING}
    return ended


def _id_of(arn: str, part: str) -> str:
    """What the service itself calls it; Secrets Manager takes the whole ARN."""
    return arn if part == ":secret:" else arn.rpartition("/")[2]


def _instance_states(ec2: _Client, ids: Sequence[str]) -> dict[str, str]:
    states = {}
    for some in _batches(ids, 100):
        filters = [{"Name": "instance-id", "Values": list(some)}]
        for page in ec2.get_paginator("describe_instances").paginate(Filters=filters):
            found = (i for r in page["Reservations"] for i in r["Instances"])
            states.update({i["InstanceId"]: i["State"]["Name"] for i in found})
    return states


def _states(ec2: _Client, plural: str, kind: str) -> dict[str, str]:
    """The states of all things of a kind in the region."""
    pages = ec2.get_paginator(f"describe_{plural}").paginate()
    return {one[f"{kind}Id"]: one["State"].lower() for page in pages for one in page[f"{kind}s"]}


def _key_states(kms: _Client, ids: Sequence[str]) -> dict[str, str]:
    return {id_: kms.describe_key(KeyId=id_)["KeyMetadata"]["KeyState"] for id_ in ids}


def _secret_states(secrets: _Client, ids: Sequence[str]) -> dict[str, str]:
    states = {}
    for id_ in ids:
        try:
            found = secrets.describe_secret(SecretId=id_)
        except secrets.exceptions.ResourceNotFoundException:
            continue
        states[id_] = "deleted" if found.get("DeletedDate") else "there"
    return states
