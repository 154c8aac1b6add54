"""Which Kubernetes objects belong to Pulumi: namespaces, generated Secrets, the trust ConfigMap. Pure.

Values that do not exist yet stand as references to credentials; the program fills them in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bootstrap.model import Facts, Package, Plan, SecretKey, SecretSpec
from bootstrap.render import is_deployed
from stacks.credentials import CA_CERTIFICATE, CA_KEY, CERTIFICATE, CERTIFICATE_KEY

PART_OF = "app.kubernetes.io/part-of"
INSTANCE = "idp.dev/instance"
PACKAGE = "idp.dev/package"
SHOW = "idp.dev/show"

TRUST = "idp-trust"
DATABASE_PORT = "5432"

#: Namespaces that every cluster has; they belong to it and not to us.
_GIVEN = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})


@dataclass(frozen=True)
class Ref:
    """A credential by its id; `kind` says how it is generated, empty for certificates and facts."""

    id: str
    kind: str = ""


@dataclass(frozen=True)
class Secret:
    """A Secret to be; its values are literals or references to credentials."""

    namespace: str
    name: str
    data: Mapping[str, str | Ref]
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    type: str = "Opaque"


@dataclass(frozen=True)
class SharedService:
    """A service of which a package gets a share with an account of its own.

    `package` runs it, or makes the accounts where the target runs it: it gets a copy of each Secret, unless
    it has nothing to run.
    """

    package: str
    secret: Callable[[Facts, str], dict[str, str | Ref]]


def label(kind: str) -> str:
    """The label by which the Secrets of all databases, or of all buckets, are found."""
    return f"idp.dev/{kind}"


def namespaces(plan: Plan) -> tuple[str, ...]:
    """Namespaces to create: those of all packages and of all copies of their Secrets."""
    named = [*plan.namespaces, *(secret.namespace for secret in secrets(plan))]
    return tuple(name for name in dict.fromkeys(named) if name not in _GIVEN)


def fact(name: str) -> str:
    """The id of a fact that stands in a Secret: some are known only once the target is provisioned."""
    return f"fact/{name}"


def common_labels(plan: Plan) -> dict[str, str]:
    return {PART_OF: "idp", INSTANCE: plan.target.name}


def secrets(plan: Plan) -> tuple[Secret, ...]:
    """All generated Secrets: those of the contracts, and one per share and namespace."""
    found = [s for package in plan.packages for s in (*_declared(plan, package), *_shares(plan, package))]
    return tuple({(s.namespace, s.name): s for s in found}.values())


def wanted(plan: Plan) -> dict[str, str]:
    """Credentials to generate: id -> kind."""
    values = [value for secret in secrets(plan) for value in secret.data.values()]
    return {v.id: v.kind for v in values if isinstance(v, Ref) and v.kind}


def asked(plan: Plan) -> tuple[str, ...]:
    """Credentials that nobody can generate: those of services that run already."""
    values = [value for secret in secrets(plan) for value in secret.data.values()]
    certificates = (CA_CERTIFICATE, CA_KEY, CERTIFICATE, CERTIFICATE_KEY)
    refs = [v.id for v in values if isinstance(v, Ref) and not v.kind]
    return tuple(dict.fromkeys(i for i in refs if i not in certificates and not i.startswith(fact(""))))


def _declared(plan: Plan, package: Package) -> Iterator[Secret]:
    for spec in package.secrets:
        if not plan.facts.has(spec.where):
            continue
        data = {key: _value(package, spec, key, how) for key, how in spec.keys.items()}
        labels = {**common_labels(plan), PACKAGE: package.name, **spec.labels}
        annotations = {SHOW: spec.show} if spec.show else {}
        yield Secret(package.namespace, spec.name, data, labels, annotations, spec.type)
        # Copies are not shown: `idp secrets` would list the same password twice.
        for namespace in spec.also:
            yield Secret(namespace, spec.name, data, labels, {}, spec.type)


def _value(package: Package, spec: SecretSpec, key: str, how: SecretKey) -> str | Ref:
    if how.generate == "ca":
        return Ref(CA_KEY if key.endswith(".key") else CA_CERTIFICATE)
    if how.generate == "certificate":
        return Ref(CERTIFICATE_KEY if key.endswith(".key") else CERTIFICATE)
    if how.generate:
        return Ref(f"{package.name}/{spec.name}/{key}", how.generate)
    return how.value


def _shares(plan: Plan, package: Package) -> Iterator[Secret]:
    for share in package.shares:
        service = SHARED[share.kind]
        homes = [p.namespace for p in plan.packages if p.name == service.package and is_deployed(plan, p)]
        labels = {**common_labels(plan), PACKAGE: package.name, label(share.kind): share.name}
        for namespace in dict.fromkeys([package.namespace, *homes]):
            yield Secret(namespace, share.secret, service.secret(plan.facts, share.name), labels)


def _database(facts: Facts, name: str) -> dict[str, str | Ref]:
    return {
        "host": Ref(fact("database_host")),
        "port": DATABASE_PORT,
        "database": name,
        "sslmode": facts.database_tls,
        "username": name,
        "password": Ref(f"database/{name}/password", "password"),
    }


def _bucket(facts: Facts, name: str) -> dict[str, str | Ref]:
    return {
        "endpoint": facts.objectstore_endpoint,
        "region": facts.objectstore_region,
        "bucket": f"{facts.bucket_prefix}{name}",
        **_key(facts, name),
    }


def _key(facts: Facts, name: str) -> dict[str, str | Ref]:
    """The account of a bucket. Empty where pods have an identity: SDKs then ask for that.

    In a store that the target runs the account is there already, and the user tells its keys.
    """
    if facts.objectstore_access != "keys":
        return {"access_key": "", "secret_key": ""}
    if facts.objectstore == "managed":
        return {key: Ref(f"bucket/{name}/{key}") for key in ("access_key", "secret_key")}
    return {"access_key": name, "secret_key": Ref(f"bucket/{name}/secret_key", "password")}


SHARED = {
    "database": SharedService("postgres", _database),
    "bucket": SharedService("objectstore", _bucket),
}
