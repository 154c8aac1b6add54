"""The rules as pure functions: from what is asked of AWS to what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap import imagetags
from bootstrap.cloud import signer, tags

#: Environment by which a run tells the pack what was asked for.
PRODUCTION, PUBLIC_API = "IDP_POLICY_PRODUCTION", "IDP_POLICY_PUBLIC_API"
WORLD = ("0.0.0.0/0", "::/0")
_REQUIRED = (tags.INSTANCE, tags.STACK, tags.COMMIT, tags.OWNER, tags.MANAGED_BY)

Props = Mapping[str, Any]


@dataclass(frozen=True)
class Settings:
    """What the user asked for: protection of what must last, an API that the world may reach."""

    production: bool = False
    public_api: bool = False


@dataclass(frozen=True)
class Rule:
    """What must hold for resources of some types (all of them, where none is named); empty text: it does."""

    name: str
    why: str
    types: tuple[str, ...]
    check: Callable[[Props, Settings], str]


CLUSTER, DATABASE = "aws:eks/cluster:Cluster", "aws:rds/instance:Instance"
REPOSITORY, SECRET = "aws:ecr/repository:Repository", "aws:secretsmanager/secret:Secret"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


def _cluster_encrypted(props: Props, _: Settings) -> str:
    config = props.get("encryptionConfig") or {}
    return "" if "secrets" in config.get("resources", ()) else "Kubernetes secrets are not encrypted by a key"


def _cluster_closed(props: Props, settings: Settings) -> str:
    config = props.get("vpcConfig") or {}
    # Without a list EKS opens its endpoint to the world, and it is public unless told otherwise.
    public = config.get("endpointPublicAccess", True)
    open_to_all = public and set(config.get("publicAccessCidrs") or WORLD) & set(WORLD)
    return "the API is open to the world" if open_to_all and not settings.public_api else ""


def _cluster_logs(props: Props, _: Settings) -> str:
    missing = {"api", "audit", "authenticator"} - set(props.get("enabledClusterLogTypes") or ())
    return f"no control-plane logs of {', '.join(sorted(missing))}" if missing else ""


def _database_encrypted(props: Props, _: Settings) -> str:
    return "" if props.get("storageEncrypted") else "its storage is not encrypted"


def _database_private(props: Props, _: Settings) -> str:
    return "it has a public address" if props.get("publiclyAccessible") else ""


def _database_backups(props: Props, _: Settings) -> str:
    return "" if props.get("backupRetentionPeriod", 0) >= 1 else "no backups are kept"


def _protected(props: Props, settings: Settings) -> str:
    unprotected = settings.production and not props.get("deletionProtection")
    return "in production it must be protected from deletion" if unprotected else ""


def _immutable(props: Props, _: Settings) -> str:
    fixed = str(props.get("imageTagMutability")).startswith("IMMUTABLE")
    # Somebody else may sign besides.
    others = {f.get("filter") for f in props.get("imageTagMutabilityExclusionFilters") or ()}
    return "" if fixed and others <= {imagetags.SIGNATURES} else "its tags can be moved"


def _scanned(props: Props, _: Settings) -> str:
    scanning = props.get("imageScanningConfiguration") or {}
    return "" if scanning.get("scanOnPush") else "images are not scanned when pushed"


def _repository_encrypted(props: Props, _: Settings) -> str:
    kinds = {c.get("encryptionType") for c in props.get("encryptionConfigurations") or ()}
    return "" if "KMS" in kinds else "images are not encrypted with a key"


def _secret_encrypted(props: Props, _: Settings) -> str:
    return "" if props.get("kmsKeyId") else "it is not encrypted with the platform's key"


def _key_rotates(props: Props, _: Settings) -> str:
    # AWS renews no key that signs: others hold its public half.
    signs = props.get("keyUsage") == signer.USAGE
    return "" if signs or props.get("enableKeyRotation") else "the key is never rotated"


def _bucket_closed(props: Props, _: Settings) -> str:
    wanted = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    missing = [key for key in wanted if not props.get(key)]
    return f"the bucket may become public: {', '.join(missing)} is off" if missing else ""


def _bucket_acl(props: Props, _: Settings) -> str:
    acl = str(props.get("acl") or "private")
    return f"the access list `{acl}` is public" if acl.startswith("public") else ""


def _ingress(props: Props, _: Settings) -> str:
    sources = {props.get("cidrIpv4"), props.get("cidrIpv6")}
    return "it lets the world in" if sources & set(WORLD) else ""


def _least_privilege(props: Props, _: Settings) -> str:
    faults = []
    document = props.get("policy") or "{}"
    document = json.loads(document) if isinstance(document, str) else document
    for statement in _list(document.get("Statement", [])):
        if statement.get("Effect") != "Allow":
            continue
        wide = [action for action in _list(statement.get("Action", [])) if action.endswith("*")]
        faults += [f"it allows the actions {', '.join(wide)}"] if wide else []
        faults += ["it allows them on every resource"] if "*" in _list(statement.get("Resource", [])) else []
    return "; ".join(faults)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _tagged(props: Props, _: Settings) -> str:
    # A resource without the property cannot carry tags.
    carried = props.get("tags")
    missing = [key for key in _REQUIRED if not carried.get(key)] if carried is not None else []
    return f"it lacks the tags {', '.join(missing)}" if missing else ""


def _has_tags(props: Props, _: Settings) -> str:
    return "" if props.get("tags") else "it has no tags at all"


RULES: tuple[Rule, ...] = (
    Rule("cluster-secrets-encrypted", "Secrets rest encrypted", (CLUSTER,), _cluster_encrypted),
    Rule("cluster-api-closed", "Only who was named may reach the API", (CLUSTER,), _cluster_closed),
    Rule("cluster-logs", "Who did what can be told later", (CLUSTER,), _cluster_logs),
    Rule("database-encrypted", "Data rests encrypted", (DATABASE,), _database_encrypted),
    Rule("database-private", "The database answers the cluster alone", (DATABASE,), _database_private),
    Rule("database-backups", "Data can be brought back", (DATABASE,), _database_backups),
    Rule("protected", "Production is not deleted by mistake", (CLUSTER, DATABASE), _protected),
    Rule("registry-immutable", "A tag means the same for ever", (REPOSITORY,), _immutable),
    Rule("registry-scanned", "Known holes are found", (REPOSITORY,), _scanned),
    Rule("registry-encrypted", "Images rest encrypted", (REPOSITORY,), _repository_encrypted),
    Rule("secret-encrypted", "Secrets rest under the platform's key", (SECRET,), _secret_encrypted),
    Rule("key-rotates", "A leaked key ages", ("aws:kms/key:Key",), _key_rotates),
    Rule(
        "bucket-private",
        "No bucket is public",
        ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",),
        _bucket_closed,
    ),
    Rule(
        "bucket-acl",
        "No bucket is public",
        ("aws:s3/bucket:Bucket", "aws:s3/bucketAcl:BucketAcl"),
        _bucket_acl,
    ),
    Rule(
        "ingress-closed",
        "Nothing but the load balancer faces the world",
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",),
        _ingress,
    ),
    Rule("least-privilege", "A role may do what it needs", (ROLE_POLICY,), _least_privilege),
    Rule("tags", "What costs money must say whose it is", (), _tagged),
    Rule(
        "tags-present",
        "What costs money must say whose it is",
        (CLUSTER, DATABASE, REPOSITORY, SECRET, "aws:s3/bucket:Bucket", "aws:ec2/vpc:Vpc"),
        _has_tags,
    ),
)


def violations(type_: str, props: Props, settings: Settings, rules: Iterable[Rule] = RULES) -> list[str]:
    """What a resource breaks, each with the rule's name."""
    return [
        f"{rule.name}: {fault}"
        for rule in rules
        if not rule.types or type_ in rule.types
        if (fault := rule.check(props, settings))
    ]
