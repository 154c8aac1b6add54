"""Pulumi without an engine, and a cluster in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
import pytest

import settings
from settings import Settings


@dataclass
class Declared:
    """Answers for the engine, and remembers what a program declares."""

    found: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def new_resource(self, args: Any) -> tuple[str, dict[str, Any]]:
        self.found.append((args.typ, args.name, dict(args.inputs)))
        return f"{args.name}-id", {**args.inputs, "arn": f"arn:aws:::{args.name}", "url": f"https://{args.name}"}

    def call(self, args: Any) -> tuple[dict[str, Any], None]:
        return {}, None

    def kinds(self) -> set[str]:
        return {kind for kind, _, _ in self.found}

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [inputs for found, _, inputs in self.found if found == kind]


@pytest.fixture
def chosen() -> Settings:
    return settings.load()


@pytest.fixture
def declared(chosen: Settings) -> Callable[..., Declared]:
    """Run the program with some settings changed; gives what it declares."""

    def run(**changed: Any) -> Declared:
        mocks: Any = Declared()
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        pulumi.runtime.set_mocks(mocks, project=chosen.name, stack="test", preview=False)
        import aws
        import program

        aws._PROVIDERS.clear()

        @pulumi.runtime.test
        def declare() -> None:
            program.resources(replace(chosen, **changed))

        declare()
        return mocks

    return run


@dataclass
class FakeCluster:
    """Objects by path, and every change that was asked for."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def get(self, path: str) -> dict[str, Any] | None:
        return self.objects.get(path)

    def create(self, path: str, body: dict[str, Any]) -> None:
        self.asked.append(("create", path, body))
        self.objects[f"{path}/{body['metadata']['name']}"] = body

    def merge(self, path: str, body: dict[str, Any]) -> None:
        self.asked.append(("merge", path, body))


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()
