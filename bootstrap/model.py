"""The values that flow through the stages. Nothing here reads or writes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bootstrap.sizing import CloudProfile

#: How a key in KMS is named: this, and its ARN or alias, as cosign has it.
KMS = "awskms:///"


@dataclass(frozen=True)
class Facts:
    """What a target offers to packages; see docs/architecture.md.

    `database` and `objectstore` are `in-cluster`, run by a package, or `managed`, run by the target.
    `secrets` is `in-cluster` or the service that keeps them besides: `aws-secrets-manager`.
    `database_tls` is a mode of libpq's; `objectstore_access` is `keys`, or `pod-identity` where pods need
    none. A bucket's name is that of its package's share after `bucket_prefix`. `exposure` says how a gateway
    is reached: by a `node-port`, by a `load-balancer` in front of it, or `managed`, as the target sees fit.
    `admission` says which images may run: `any`, or `signed`, which are those of the locked bundle; `signer`
    names the key that signs them, as `bundle.keys` has it (empty: that of whoever runs `idp up`).
    """

    name: str
    domain: str
    https_port: int
    gateway_class: str
    storage_class: str
    registry: str
    database_host: str
    objectstore_endpoint: str
    size: str
    replicas: int = 1
    database: str = "in-cluster"
    database_tls: str = "disable"
    objectstore: str = "in-cluster"
    objectstore_region: str = "us-east-1"  # what clients sign with where an endpoint has no regions
    objectstore_access: str = "keys"
    bucket_prefix: str = ""
    exposure: str = "node-port"
    secrets: str = "in-cluster"
    admission: str = "any"
    signer: str = ""

    def has(self, wanted: Mapping[str, str]) -> bool:
        """Are these the values of those facts?"""
        return all(str(getattr(self, fact, "")) == value for fact, value in wanted.items())

    def host(self, service: str) -> str:
        return f"{service}.{self.domain}"

    def url(self, service: str) -> str:
        """Public URL without a trailing slash; the same in browsers and in pods."""
        port = "" if self.https_port == 443 else f":{self.https_port}"
        return f"https://{self.host(service)}{port}"


@dataclass(frozen=True)
class Image:
    """An image as its package declares it.

    `known_as` is the reference containerd must find it by; empty means `REGISTRY/NAME@DIGEST`.
    """

    name: str
    upstream: str
    context: Path
    target: str = ""
    known_as: str = ""


@dataclass(frozen=True)
class UpstreamManifests:
    """YAML files inside a Go module, fetched by version and checked by hash, never copied here."""

    module: str
    version: str
    path: str
    sha256: str
    include: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecretKey:
    """Either a literal `value` or a kind to `generate`: password, hex32, ca, certificate."""

    value: str = ""
    generate: str = ""


@dataclass(frozen=True)
class SecretSpec:
    """A Secret that Pulumi generates once per instance; only `where` the target has those facts."""

    name: str
    keys: Mapping[str, SecretKey]
    type: str = "Opaque"
    show: str = ""
    also: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Endpoint:
    """A page or API of a package behind the gateway; `path` answers 2xx when it works.

    `service` is its address for programs in the cluster, where it has one for them.
    """

    host: str
    title: str
    path: str = "/"
    service: str = ""


@dataclass(frozen=True)
class Package:
    """The contract of one folder in `packages/`, resolved for a stack and a sizing profile."""

    name: str
    folder: Path
    namespace: str
    description: str
    version: str
    requires: tuple[str, ...] = ()
    bootstrap: bool = False
    images: tuple[Image, ...] = ()
    databases: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    secrets: tuple[SecretSpec, ...] = ()
    oidc_client: bool = False
    oidc_redirects: tuple[str, ...] = ()
    endpoint: Endpoint | None = None
    upstream_manifests: tuple[UpstreamManifests, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    size: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shares(self) -> tuple[Share, ...]:
        asked = {"database": self.databases, "bucket": self.buckets}
        return tuple(Share(kind, name, self.namespace) for kind, names in asked.items() for name in names)


@dataclass(frozen=True)
class Share:
    """A package's own part of a shared service, with an account of the same name that reaches nothing else.

    `kind` says of which service: a `database` on PostgreSQL, a `bucket` in the object store.
    """

    kind: str
    name: str
    namespace: str

    @property
    def secret(self) -> str:
        return f"{self.kind}-{self.name}"


@dataclass(frozen=True)
class Requirements:
    """What a sizing profile needs of the machine: cores, GiB of memory, GiB of free disk."""

    cpus: int
    memory_gib: float
    disk_gib: float


@dataclass(frozen=True)
class Target:
    """Where a stack runs, under which name.

    `context` names a context of the user's kubeconfig and `facts` what the user says of the target; both
    are for clusters that exist already.
    """

    kind: str
    name: str
    context: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Edge:
    """A way of promotion between platforms, which patterns name (`laptop-*`).

    `checks` have to pass, and somebody of the Gitea team `approval` has to agree, where one is named.
    """

    source: str
    target: str
    checks: tuple[str, ...] = ()
    approval: str = ""


@dataclass(frozen=True)
class Plan:
    """A stack definition resolved for a target: everything that `up` is going to bring about."""

    stack: str
    target: Target
    facts: Facts
    packages: tuple[Package, ...]
    requirements: Requirements
    cloud: CloudProfile | None = None
    promotions: tuple[Edge, ...] = ()

    @property
    def databases(self) -> tuple[Share, ...]:
        return self._shares("database")

    @property
    def buckets(self) -> tuple[Share, ...]:
        return self._shares("bucket")

    @property
    def images(self) -> tuple[Image, ...]:
        return tuple(image for p in self.packages for image in p.images)

    @property
    def namespaces(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(p.namespace for p in self.packages))

    def package(self, name: str) -> Package:
        return next(p for p in self.packages if p.name == name)

    def has(self, name: str) -> bool:
        return any(p.name == name for p in self.packages)

    @property
    def offers(self) -> dict[str, dict[str, str]]:
        """What the packages of this stack offer to people and to each other, by package."""
        return {
            p.name: {"title": p.endpoint.title, "url": self.facts.url(p.endpoint.host)}
            | ({"service": p.endpoint.service} if p.endpoint.service else {})
            for p in self.packages
            if p.endpoint
        }

    def _shares(self, kind: str) -> tuple[Share, ...]:
        return tuple(share for p in self.packages for share in p.shares if share.kind == kind)


#: Rendered files of one package: file name -> YAML text.
Manifests = Mapping[str, str]


@dataclass(frozen=True)
class Check:
    """One answer of readiness: did a real request succeed, and how long did it take."""

    name: str
    ok: bool
    detail: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Application:
    """An Argo CD Application as `idp status` shows it."""

    name: str
    sync: str
    health: str


@dataclass(frozen=True)
class Status:
    """What `idp status` prints; ready only when every check succeeded."""

    name: str
    target: str
    checks: Sequence[Check]
    applications: Sequence[Application]
    endpoints: Mapping[str, str]

    @property
    def ready(self) -> bool:
        return bool(self.checks) and all(check.ok for check in self.checks)
