"""All documents of a platform's roles for CI, by name, each within the size that IAM takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap.cloud.iam import permissions, trust
from bootstrap.cloud.iam.estate import Estate
from bootstrap.errors import IdpError

#: Characters of a managed policy without white space, and such policies per role (IAM and STS quotas).
POLICY_SIZE, POLICIES_PER_ROLE = 6144, 10
#: Seconds for which a session of a role may last; a first `up` takes 20 minutes and more.
SESSIONS = {"preview": 3600, "apply": 7200}

Json = dict[str, Any]


@dataclass(frozen=True)
class Role:
    """A role for CI: who may become it, and the managed policies that say what it may do."""

    name: str
    purpose: str
    trust: Json
    policies: Mapping[str, Json]


@dataclass(frozen=True)
class Documents:
    """Everything that has to be made in the account before CI can work there."""

    estate: Estate
    boundary: Json
    roles: tuple[Role, ...]

    @property
    def by_name(self) -> Mapping[str, Json]:
        """Every document under the name that it has in the account."""
        found = {self.estate.boundary: self.boundary}
        for role in self.roles:
            found |= {f"{role.name}-trust": role.trust, **role.policies}
        return found


def documents(estate: Estate, repository: str, environment: str, branch: str = "main") -> Documents:
    """The documents for one repository. Raises IDP-C071 where it cannot be trusted as written."""
    trust.check(repository, environment, branch)
    known, provider = permissions.load(), trust.provider_arn(estate)
    looking = [trust.pull_request(repository), trust.default_branch(repository, branch)]
    changing = [trust.environment(repository, environment)]
    return Documents(
        estate,
        boundary(estate),
        (
            _role(
                estate.preview, "preview", trust.policy(estate, provider, looking), known.preview(), estate
            ),
            _role(estate.apply, "apply", trust.policy(estate, provider, changing), known.apply(), estate),
        ),
    )


def boundary(estate: Estate) -> Json:
    """What neither the roles for CI nor any role that they make can exceed."""
    known = permissions.load()
    return _document(known.statements(known.boundary(), estate))


def split(statements: list[Json], size: int = POLICY_SIZE) -> list[Json]:
    """As few documents as fit, large statements first. Raises IDP-C072 where one alone is too large."""
    parts: list[list[Json]] = []
    for statement in sorted(statements, key=_length, reverse=True):
        if length(_document([statement])) > size:
            raise IdpError(
                "IDP-C072",
                f"the statement {statement['Sid']} does not fit into a policy",
                f"{length(_document([statement]))} characters; AWS takes {size}",
                "idp cloud iam --help   # choose a shorter --name",
            )
        room = (part for part in parts if length(_document([*part, statement])) <= size)
        fitting = next(room, None)
        if fitting is None:
            parts.append([statement])
        else:
            fitting.append(statement)
    return [_document(sorted(part, key=lambda each: str(each["Sid"]))) for part in parts]


def length(document: Json) -> int:
    """Characters as IAM counts them: without white space."""
    return _length(document)


def _role(name: str, purpose: str, trusted: Json, grants: permissions.Grants, estate: Estate) -> Role:
    parts = split(permissions.load().statements(grants, estate))
    return Role(name, purpose, trusted, {f"{name}-{index}": part for index, part in enumerate(parts, 1)})


def _document(statements: list[Json]) -> Json:
    return {"Version": "2012-10-17", "Statement": statements}


def _length(value: Json) -> int:
    return len(json.dumps(value, separators=(",", ":")))
