"""What an account holds that concerns a platform: asked once, all at the same time, as a value to judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from bootstrap.cloud import delegation
from bootstrap.cloud.delegation import Delegation, HostedZone, Resolver
from bootstrap.cloud.foundation import bucket_name
from bootstrap.cloud.session import Account, Aws, explained
from bootstrap.errors import IdpError
from bootstrap.model import Plan
from bootstrap.parallel import gather

T = TypeVar("T")

#: Service and code of each quota (console of Service Quotas; the codes are the same in every region).
CPUS, ADDRESSES, NETWORKS = ("ec2", "L-1216C47A"), ("ec2", "L-0263D0A3"), ("vpc", "L-F678F1CE")

_SERVICES = ("ec2", "eks", "rds", "ecr", "s3", "iam", "logs", "route53", "service-quotas")
_DENIED = ("IDP-C005",)
#: Not every partition has Service Quotas, and no platform fails for it.
_NO_QUOTA = ("IDP-C004", "IDP-C005", "IDP-C007")


@dataclass(frozen=True)
class Unknown:
    """An answer that could not be had, and why."""

    why: str


@dataclass(frozen=True)
class Allowance:
    """A quota, and how much of it the account already uses."""

    limit: float
    used: int = 0

    @property
    def left(self) -> float:
        return self.limit - self.used


@dataclass(frozen=True)
class Taken:
    """A name that the platform needs and something else has. The kinds are those of `verdict.REMOVE`."""

    kind: str
    name: str


@dataclass(frozen=True)
class Survey:
    """The account as far as a platform is concerned; `zones` are ids of those that need no opting in."""

    zones: frozenset[str] | Unknown
    cpus: Allowance | Unknown
    addresses: Allowance | Unknown
    networks: Allowance | Unknown
    taken: tuple[Taken | Unknown, ...]
    #: "mine", "foreign" or "absent".
    state_bucket: str | Unknown
    hosted: tuple[HostedZone, ...] | Unknown
    delegation: Delegation


def look(aws: Aws, plan: Plan, account: Account, resolver: Resolver, existing: bool) -> Survey:
    """Ask everything at the same time; of an existing platform, not whether its names are taken.

    Raises IDP-C002 to C004 and C007; what may not be read is `Unknown`.
    """
    # A session makes clients in one thread only; the clients themselves can be shared.
    clients = {service: aws.client(service) for service in _SERVICES}
    ec2, route53, domain = clients["ec2"], clients["route53"], plan.facts.domain
    quota = partial(_quota, clients["service-quotas"])
    questions: list[Callable[[], Any]] = [
        _asking("listing zones", lambda: _zones(ec2)),
        _asking("reading quotas", lambda: Allowance(quota(*CPUS)), _NO_QUOTA),
        _asking("reading quotas", lambda: Allowance(quota(*ADDRESSES), _addresses(ec2)), _NO_QUOTA),
        _asking("reading quotas", lambda: Allowance(quota(*NETWORKS), _networks(ec2)), _NO_QUOTA),
        _asking("looking for the state", lambda: _owner_of(clients["s3"], bucket_name(account), account)),
        _asking("listing hosted zones", lambda: delegation.hosted(route53, domain)),
        partial(resolver.delegation, domain),
        *([] if existing else [_asking(*deed) for deed in _names(clients, plan, account)]),
    ]
    answers = gather(questions)
    zones, cpus, addresses, networks, state, hosted, delegated, *names = answers
    taken = tuple(one for found in names for one in ([found] if isinstance(found, Unknown) else found))
    return Survey(zones, cpus, addresses, networks, taken, state, hosted, delegated)


def _asking(
    deed: str, question: Callable[[], T], forgiven: Iterable[str] = _DENIED
) -> Callable[[], T | Unknown]:
    """The question, with an answer also where it may not be asked."""
    return lambda: _asked(deed, question, forgiven)


def _asked(deed: str, question: Callable[[], T], forgiven: Iterable[str]) -> T | Unknown:
    try:
        with explained(deed):
            return question()
    except IdpError as error:
        if error.code not in forgiven:
            raise
        return Unknown(f"{deed}: {error.why}")


def _zones(ec2: Any) -> frozenset[str]:
    """Ids of the zones that belong to the region proper, not to a city or a carrier."""
    found = ec2.describe_availability_zones()["AvailabilityZones"]
    usual = "opt-in-not-required"
    return frozenset(
        z["ZoneId"] for z in found if z["State"] == "available" and z.get("OptInStatus", usual) == usual
    )


def _quota(quotas: Any, service: str, code: str) -> float:
    """The value that holds here; one that nobody ever raised may be known as a default only."""
    from botocore.exceptions import ClientError

    asked = {"ServiceCode": service, "QuotaCode": code}
    try:
        return float(quotas.get_service_quota(**asked)["Quota"]["Value"])
    except ClientError as error:
        if error.response["Error"].get("Code") != "NoSuchResourceException":
            raise
        return float(quotas.get_aws_default_service_quota(**asked)["Quota"]["Value"])


def _addresses(ec2: Any) -> int:
    return len(ec2.describe_addresses()["Addresses"])


def _networks(ec2: Any) -> int:
    return sum(len(page["Vpcs"]) for page in ec2.get_paginator("describe_vpcs").paginate())


Names = tuple[str, Callable[[], tuple[Taken, ...]]]


def _names(clients: dict[str, Any], plan: Plan, account: Account) -> list[Names]:
    """One question for each kind of thing whose name only one can have."""
    name, eks, rds = plan.target.name, clients["eks"], clients["rds"]
    buckets = [f"{plan.facts.bucket_prefix}{share.name}" for share in plan.buckets]
    return [
        ("looking for a cluster of that name", lambda: _there("cluster", name, partial(_cluster, eks))),
        ("looking for a database of that name", lambda: _there("database", name, partial(_database, rds))),
        ("listing repositories", lambda: _repositories(clients["ecr"], plan)),
        ("listing roles", lambda: _roles(clients["iam"], f"{name}-{account.region}-")),
        ("listing log groups", lambda: _log_groups(clients["logs"], f"/aws/eks/{name}/cluster")),
        *(("looking for buckets", partial(_bucket, clients["s3"], bucket, account)) for bucket in buckets),
    ]


def _there(kind: str, name: str, describe: Callable[[str], object]) -> tuple[Taken, ...]:
    """The thing where it can be described; AWS says in many words that there is none."""
    from botocore.exceptions import ClientError

    try:
        describe(name)
    except ClientError as error:
        if error.response["Error"].get("Code") in ("ResourceNotFoundException", "DBInstanceNotFound"):
            return ()
        raise
    return (Taken(kind, name),)


def _cluster(eks: Any, name: str) -> object:
    return eks.describe_cluster(name=name)


def _database(rds: Any, name: str) -> object:
    return rds.describe_db_instances(DBInstanceIdentifier=name)


def _repositories(ecr: Any, plan: Plan) -> tuple[Taken, ...]:
    wanted = {f"{plan.target.name}/{image.name}" for image in plan.images}
    pages = ecr.get_paginator("describe_repositories").paginate()
    found = {r["repositoryName"] for page in pages for r in page["repositories"]}
    return tuple(Taken("repository", name) for name in sorted(wanted & found))


def _roles(iam: Any, prefix: str) -> tuple[Taken, ...]:
    return tuple(Taken("role", role["RoleName"]) for role in roles(iam, prefix))


def roles(iam: Any, prefix: str) -> list[dict[str, Any]]:
    """The account's roles whose name begins so; IAM cannot look for them by itself."""
    pages = iam.get_paginator("list_roles").paginate()
    return [role for page in pages for role in page["Roles"] if role["RoleName"].startswith(prefix)]


def _log_groups(logs: Any, name: str) -> tuple[Taken, ...]:
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return tuple(Taken("log group", name) for group in found if group["logGroupName"] == name)


def _bucket(s3: Any, name: str, account: Account) -> tuple[Taken, ...]:
    kind = {"mine": "bucket", "foreign": "foreign bucket"}.get(_owner_of(s3, name, account))
    return (Taken(kind, name),) if kind else ()


def _owner_of(s3: Any, bucket: str, account: Account) -> str:
    """Whose bucket it is: `mine`, `foreign` (or forbidden, which looks the same), or `absent`."""
    from botocore.exceptions import ClientError

    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account.id)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status in (301, 403):
            return "foreign"
        if status == 404:
            return "absent"
        raise
    return "mine"
