"""One platform's place in an account, and the names that its roles have there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bootstrap.errors import WRONG_USE, IdpError

#: Path of the roles for CI. No pattern by which the platform's own roles are found can match below it.
PATH = "/idp-ci/"
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True)
class Estate:
    """What a platform owns in an account is told by its name, region and account."""

    name: str
    region: str
    account: str
    partition: str

    @property
    def suffix(self) -> str:
        """Suffix of host names, which some service principals carry."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"

    @property
    def preview(self) -> str:
        return f"{self._prefix}-preview"

    @property
    def apply(self) -> str:
        return f"{self._prefix}-apply"

    @property
    def boundary(self) -> str:
        return f"{self._prefix}-boundary"

    def role_arn(self, role: str) -> str:
        """The ARN of one of the roles for CI."""
        return f"arn:{self.partition}:iam::{self.account}:role{PATH}{role}"

    def policy_arn(self, policy: str) -> str:
        """The ARN of one of the policies for CI."""
        return f"arn:{self.partition}:iam::{self.account}:policy{PATH}{policy}"

    @property
    def words(self) -> Mapping[str, str]:
        """What the placeholders of permissions.yaml stand for."""
        return {
            "name": self.name,
            "region": self.region,
            "account": self.account,
            "partition": self.partition,
            "suffix": self.suffix,
            "boundary": self.policy_arn(self.boundary),
        }

    @property
    def _prefix(self) -> str:
        return f"{self.name}-{self.region}"


def estate(name: str, region: str, account: str, partition: str) -> Estate:
    """The estate, its words checked: they go into patterns, where a `*` would mean everything.

    Raises IDP-C070 with all faults.
    """
    faults = []
    if not _NAME.fullmatch(name):
        faults.append(f"name `{name}`: must be a DNS label (a-z, 0-9, '-', at most 40 characters)")
    if not _ACCOUNT.fullmatch(account):
        faults.append(f"account `{account}`: must be the 12 digits of an AWS account")
    if faults:
        raise IdpError(
            "IDP-C070",
            "policies cannot be written for this platform",
            faults=faults,
            fix="idp cloud iam --github OWNER/REPO --name idp --account 123456789012 --region eu-central-1",
            exit_code=WRONG_USE,
        )
    return Estate(name, region, account, partition)
