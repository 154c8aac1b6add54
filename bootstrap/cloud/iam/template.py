"""One CloudFormation template that makes identity provider, roles, policies and boundary."""

from __future__ import annotations

from typing import Any

import yaml

from bootstrap.cloud import tags
from bootstrap.cloud.iam import trust
from bootstrap.cloud.iam.documents import SESSIONS, Documents, Role
from bootstrap.cloud.iam.estate import PATH

Json = dict[str, Any]

_EXISTING, _MAKES = "ExistingOidcProvider", "MakesOidcProvider"
#: Characters of a template that is given in the request itself (CloudFormation quotas).
TEMPLATE_SIZE = 51_200


def template(documents: Documents) -> Json:
    """The template as data."""
    estate = documents.estate
    resources: Json = {
        "OidcProvider": {
            "Type": "AWS::IAM::OIDCProvider",
            "Condition": _MAKES,
            "Properties": {
                "Url": trust.URL,
                "ClientIdList": [trust.audience(estate)],
                "Tags": _tags(documents),
            },
        },
        "Boundary": _policy(estate.boundary, documents.boundary),
    }
    for role in documents.roles:
        resources |= _role(role, documents)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Roles by which CI works on the platform {estate.name} in {estate.region}",
        "Parameters": {
            _EXISTING: {
                "Type": "String",
                "Default": "",
                "Description": "ARN of the account's identity provider for GitHub, where it has one already",
            }
        },
        "Conditions": {_MAKES: {"Fn::Equals": [{"Ref": _EXISTING}, ""]}},
        "Resources": resources,
        "Outputs": {
            f"{role.purpose.capitalize()}Role": {"Value": {"Fn::GetAtt": [_logical(role), "Arn"]}}
            for role in documents.roles
        },
    }


def text(documents: Documents) -> str:
    """The template as YAML."""
    return yaml.dump(template(documents), Dumper=_Plain, sort_keys=False, width=1000)


class _Plain(yaml.SafeDumper):
    """Without anchors, which CloudFormation does not read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _role(role: Role, documents: Documents) -> Json:
    """A role, bounded, and its policies."""
    provider = {"Fn::If": [_MAKES, {"Ref": "OidcProvider"}, {"Ref": _EXISTING}]}
    trusted = [{**each, "Principal": {"Federated": provider}} for each in role.trust["Statement"]]
    policies = {
        f"{_logical(role)}Policy{index}": _policy(name, document, _logical(role))
        for index, (name, document) in enumerate(role.policies.items(), 1)
    }
    made = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": role.name,
            "Path": PATH,
            "MaxSessionDuration": SESSIONS[role.purpose],
            "PermissionsBoundary": {"Ref": "Boundary"},
            "AssumeRolePolicyDocument": {**role.trust, "Statement": trusted},
            "Tags": _tags(documents),
        },
    }
    return {_logical(role): made, **policies}


def _policy(name: str, document: Json, *roles: str) -> Json:
    """A policy, attached to the roles of those logical names."""
    properties: Json = {"ManagedPolicyName": name, "Path": PATH, "PolicyDocument": document}
    if roles:
        properties["Roles"] = [{"Ref": role} for role in roles]
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}


def _logical(role: Role) -> str:
    return f"{role.purpose.capitalize()}Role"


def _tags(documents: Documents) -> list[Json]:
    """Not the platform's own tag: these roles outlive it, and are no leak."""
    found = {tags.MANAGED_BY: tags.PREFIX, f"{tags.PREFIX}:purpose": "ci"}
    return [{"Key": key, "Value": value} for key, value in found.items()]
