"""The cloud's resources as the engine registers them under Pulumi's mocks, for any place and profile."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
from pulumi.runtime import mocks

from bootstrap import definitions, paths, profiles, targets
from bootstrap.cloud.tags import tags
from bootstrap.model import Image, Plan
from bootstrap.sizing import CloudProfile
from stacks import objects
from stacks.credentials import Credentials
from stacks.eks.engine import ENGINE
from stacks.engine import Supply
from tests.stacks import support
from tests.stacks.eks import answers
from tests.stacks.eks.answers import ACCOUNT

DOMAIN = "idp.example.org"
TAGS = tags("idp", "test", "0123abc", "ml-platform", "2026-12-01T00:00:00Z")
PLACES = {"eu-central-1": "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn"}
PROFILES = ("workshop", "team", "production", "closed")


@dataclass(frozen=True)
class Resource:
    """One registration: what the provider would be asked for, and what it waits for."""

    name: str
    type: str
    inputs: dict[str, Any]
    after: frozenset[str]
    provider: str
    ignored: frozenset[str] = frozenset()
    retained: bool = False


class Answers(mocks.Mocks):
    """Plays AWS."""

    def __init__(self, partition: str) -> None:
        self.partition = partition
        #: Every data source that was asked.
        self.asked: set[str] = set()

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        state = {**args.inputs, **answers.made(args.typ, args.name, args.inputs, self.partition)}
        if args.typ == "pulumi-python:dynamic/idp:Credentials":
            fixed = {"tls.crt": "leaf", "tls.key": "key", "ca.crt": "ca"}
            state |= {"values": {**dict.fromkeys(state["wanted"], "x"), **fixed}, "ca_certificate": "ca"}
        return f"{args.name}-id", state

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        self.asked.add(args.token)
        return answers.asked(args.token, args.args, self.partition), []


class Monitor(mocks.MockMonitor):
    """Keeps whole requests: dependencies and options are not among what mocks are told."""

    def __init__(self, partition: str) -> None:
        self.answers = Answers(partition)
        super().__init__(self.answers)
        self.requests: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - Pulumi's name
        if request.type != "pulumi:pulumi:Stack":
            self.requests[request.name] = request
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


def profile(name: str) -> CloudProfile:
    """A profile of the stack that ships; `closed` is that of the workshop without any way to the internet."""
    if name == "closed":
        return replace(profile("workshop"), name=name, nat="none")
    cloud = definitions.stack("reference", paths.stacks()).cloud
    assert cloud
    return profiles.resolve(cloud, name)


def plan(chosen: CloudProfile) -> Plan:
    """The small plan of the stack's tests, as one for the cloud."""
    base = support.plan(target="cloud", https_port=443)
    offered = {key: value for key, value in targets.kind("cloud").facts.items() if key != "bucket_prefix"}
    facts = replace(base.facts, **{**offered, "domain": DOMAIN})
    first, *rest = base.packages
    pictured = replace(first, images=(Image("gitea", "gitea:1", Path()), Image("mlflow", "mlflow:1", Path())))
    return replace(base, facts=facts, packages=(pictured, *rest), cloud=chosen)


def supply(region: str, **more: Any) -> Supply:
    return Supply(region=region, account=ACCOUNT, tags=TAGS, **more)


@dataclass(frozen=True)
class Declared:
    """Everything that one run registered, and the facts that it found."""

    resources: dict[str, Resource]
    facts: dict[str, Any]
    kubeconfig: dict[str, Any]
    objects: tuple[Any, ...]
    lookups: frozenset[str]

    def of(self, type_: str) -> list[Resource]:
        return [r for r in self.resources.values() if r.type == type_]


@cache
def declared(region: str, name: str) -> Declared:
    return declare(region, profile(name))


def declare(region: str, chosen: CloudProfile, **more: Any) -> Declared:
    """Run the engine for a profile in a region, with what else is supplied."""
    monitor = Monitor(PLACES.get(region, "aws"))
    support.fresh_event_loop()
    pulumi.runtime.set_mocks(Answers("aws"), project="idp", stack="idp", monitor=monitor)
    seen: dict[str, Any] = {}
    own: list[Any] = []

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def run() -> Any:
        planned = plan(chosen)
        credentials = Credentials("credentials", planned.target.name, DOMAIN, objects.wanted(planned))
        made = ENGINE.provision(planned, supply(region, **more), credentials)
        own.extend(made.objects)
        return pulumi.Output.all(facts=dict(made.facts), kubeconfig=made.kubeconfig).apply(seen.update)

    with mock.patch("stacks.eks.engine.files.private"):
        run()
    declared_here = {n: r for n, r in monitor.requests.items() if not r.type.startswith("pulumi-python:")}
    resources = {name: resource(name, request) for name, request in declared_here.items()}
    lookups = frozenset(monitor.answers.asked)
    return Declared(resources, seen["facts"], json.loads(seen["kubeconfig"]), tuple(own), lookups)


def resource(name: str, request: Any) -> Resource:
    found = pulumi.runtime.rpc.deserialize_properties(request.object, keep_unknowns=True)
    after = frozenset(urn.rpartition("::")[2] for urn in request.dependencies)
    ignored = frozenset(request.ignoreChanges)
    return Resource(name, request.type, found, after, request.provider, ignored, request.retainOnDelete)
