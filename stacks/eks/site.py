"""Where in AWS a platform stands, and under which tags; pure, so that names can be told beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bootstrap.model import KMS

#: Start of a region's name -> (partition, suffix of its host names); botocore's endpoints.json.
_PARTITIONS = {
    "cn-": ("aws-cn", "amazonaws.com.cn"),
    "us-gov-": ("aws-us-gov", "amazonaws.com"),
    "us-iso-": ("aws-iso", "c2s.ic.gov"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov"),
    "eusc-": ("aws-eusc", "amazonaws.eu"),
}

#: Zones in which EKS cannot place its control plane, by id (EKS user guide, network requirements).
UNFIT_ZONES = ("use1-az3", "usw1-az2", "cac1-az3")

#: Partitions where the AWS Budgets API exists.
_BUDGETS = ("aws", "aws-cn")


@dataclass(frozen=True)
class Site:
    """One platform's place: its name, region, account and tags."""

    name: str
    region: str
    account: str
    tags: Mapping[str, str] = field(default_factory=dict)
    #: ARN of the policy that caps every role of the platform; none where the account has none.
    permissions_boundary: str = ""

    @property
    def partition(self) -> str:
        return self._of_partition[0]

    @property
    def suffix(self) -> str:
        """Suffix of the region's host names."""
        return self._of_partition[1]

    @property
    def registry(self) -> str:
        """Prefix of image references."""
        return f"{self.account}.dkr.ecr.{self.region}.{self.suffix}/{self.name}"

    @property
    def objectstore(self) -> str:
        """The S3 endpoint of the region."""
        return f"https://s3.{self.region}.{self.suffix}"

    @property
    def bucket_prefix(self) -> str:
        """What the names of buckets begin with, which no other account in the world can have as well."""
        return f"{self.name}-{self.account}-{self.region}-"

    @property
    def alias(self) -> str:
        """What the platform's key is called in KMS; names of aliases are the account's."""
        return f"alias/{self.name}-{self.region}"

    @property
    def signing_alias(self) -> str:
        """The same of the key that signs images."""
        return f"{self.alias}-images"

    @property
    def facts(self) -> dict[str, str]:
        """What packages can know before anything is made."""
        return {
            "registry": self.registry,
            "objectstore_endpoint": self.objectstore,
            "objectstore_region": self.region,
            "bucket_prefix": self.bucket_prefix,
            "signer": f"{KMS}{self.arn('kms', self.signing_alias)}",
        }

    @property
    def has_budgets(self) -> bool:
        return self.partition in _BUDGETS

    def arn(self, service: str, resource: str, *, region: bool = True, account: bool = True) -> str:
        """The ARN of something that is this platform's; IAM and S3 leave parts of it out."""
        here, owner = self.region if region else "", self.account if account else ""
        return f"arn:{self.partition}:{service}:{here}:{owner}:{resource}"

    def managed_policy(self, name: str) -> str:
        """The ARN of a policy that AWS maintains."""
        return f"arn:{self.partition}:iam::aws:policy/{name}"

    def bucket(self, purpose: str) -> str:
        """The name of a bucket."""
        return f"{self.bucket_prefix}{purpose}"

    def endpoint_service(self, service: str) -> str:
        """The name under which a VPC reaches a service of the region without leaving it."""
        # China kept the reversed domain for the services that are as old as its endpoints.
        reversed_china = self.partition == "aws-cn" and service in _REVERSED_IN_CHINA
        return f"{'cn.' if reversed_china else ''}com.amazonaws.{self.region}.{service}"

    def tagged(self, name: str) -> dict[str, str]:
        """The tags of one resource, with the name that the console shows."""
        return {**self.tags, "Name": name}

    @property
    def _of_partition(self) -> tuple[str, str]:
        found = (rest for start, rest in _PARTITIONS.items() if self.region.startswith(start))
        return next(found, ("aws", "amazonaws.com"))


_REVERSED_IN_CHINA = ("ec2", "ecr.api", "ecr.dkr", "sts", "elasticloadbalancing", "eks")
