"""From Pulumi's events to steps of the reporter: what takes long by name, small objects together."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, suppress
from typing import Any

from bootstrap.progress import Reporter, Step
from stacks.heard import IDLE, Words, name_of, operation_of

#: Resource types that are worth a line of their own, and how they read.
_TITLES = {
    "pulumi-python:dynamic/idp:KindCluster": "{verb} kind cluster",
    "pulumi-python:dynamic/idp:ExistingCluster": "look at the cluster",
    "pulumi-python:dynamic/idp:Credentials": "{verb} secrets and certificates",
    "pulumi-python:dynamic/idp:FirstApply": "{verb} first apply of {name}",
    "pulumi-python:dynamic/idp:Images": "push images to the registry",
    "aws:eks/cluster:Cluster": "{verb} EKS cluster (about 10 minutes)",
    "aws:rds/instance:Instance": "{verb} PostgreSQL (5 to 15 minutes)",
    "aws:ec2/natGateway:NatGateway": "{verb} NAT gateway {name}",
    "aws:acm/certificateValidation:CertificateValidation": "wait for the certificate (at most 15 minutes)",
}
_VERBS = {"create": "create", "delete": "remove", "update": "update"}
_SMALL = "Kubernetes objects"


class _FailedError(Exception):
    """Marks a step as failed; never leaves this module."""


class Steps(Words):
    """Opens a step when a resource starts to change and closes it when it is done. Call from any thread."""

    def __init__(self, reporter: Reporter):
        super().__init__()
        self._reporter = reporter
        self._lock = threading.Lock()
        self._open: dict[str, AbstractContextManager[Step]] = {}
        self._small: set[str] = set()
        self.changes: dict[str, int] = {}
        self.created: set[str] = set()

    def on_event(self, event: Any) -> None:
        """Take one engine event of the Automation API."""
        with self._lock:
            if event.resource_pre_event:
                self._started(event.resource_pre_event.metadata)
            elif event.res_outputs_event:
                self._ended(event.res_outputs_event.metadata, ok=True)
            elif event.res_op_failed_event:
                self._ended(event.res_op_failed_event.metadata, ok=False)
            else:
                self.hear(event)

    def close(self) -> None:
        """Close what never ended: the run was cut short."""
        with self._lock:
            self._close_small()
            for urn in list(self._open):
                self._close(urn, ok=False)

    def _started(self, metadata: Any) -> None:
        operation = operation_of(metadata)
        if operation in IDLE or metadata.type == "pulumi:pulumi:Stack":
            return
        verb = _VERBS.get(operation, "replace")
        title = _TITLES.get(metadata.type)
        if title:
            self._close_small()
            name = name_of(metadata.urn).rpartition("/")[2]
            self._enter(metadata.urn, title.format(verb=verb, name=name))
        elif metadata.type.startswith("kubernetes:"):
            if _SMALL not in self._open:
                self._enter(_SMALL, f"{verb} namespaces and secrets")
            self._small.add(metadata.urn)

    def _ended(self, metadata: Any, ok: bool) -> None:
        operation = operation_of(metadata)
        if operation not in IDLE and ok and metadata.type != "pulumi:pulumi:Stack":
            self.changes[operation] = self.changes.get(operation, 0) + 1
            if operation.startswith("create"):
                self.created.add(name_of(metadata.urn))
        if metadata.urn in self._small:
            self._small.discard(metadata.urn)
            if not ok:
                self._close(_SMALL, ok=False)
        else:
            self._close(metadata.urn, ok)

    def _close_small(self) -> None:
        """End the step of the small objects if none of them is at work; more may come before that."""
        if not self._small:
            self._close(_SMALL, ok=True)

    def _enter(self, key: str, title: str) -> None:
        self._open[key] = self._reporter.step(title)
        self._open[key].__enter__()

    def _close(self, key: str, ok: bool) -> None:
        step = self._open.pop(key, None)
        if step is None:
            return
        if ok:
            step.__exit__(None, None, None)
        else:
            failure = _FailedError(key)
            with suppress(_FailedError):
                step.__exit__(_FailedError, failure, None)
