"""The platform's images in a registry that nodes pull from: pushed from the bundle, once per image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import dynamic

from stacks.dynamic import Provider, reporting

#: How to sign in to the registry: by Amazon's own token, or as the user is signed in there with Docker.
ECR, CONFIGURED = "ecr", ""


class ImagesProvider(Provider):
    """Pushes what the registry lacks. Images stay when the resource goes: they go with their registry."""

    @reporting
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Changed when an image is new; one that is no longer wanted is no change."""
        return dynamic.DiffResult(not set(news["images"].items()) <= set(olds["images"].items()))

    @reporting
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        _push(props)
        return dynamic.CreateResult("images", props)

    @reporting
    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.UpdateResult:
        _push(news)
        return dynamic.UpdateResult(news)


class Images(dynamic.Resource, module="idp", name="Images"):
    """`images` maps references by digest to digests, all of one registry."""

    def __init__(
        self, name: str, images: Mapping[str, str], login: str, options: pulumi.ResourceOptions | None = None
    ):
        super().__init__(ImagesProvider(), name, {"images": dict(images), "login": login}, options)


def login_for(registry: str) -> str:
    """How to sign in to a registry, by its host's name."""
    return ECR if ".dkr.ecr." in registry.partition("/")[0] else CONFIGURED


def _push(props: Mapping[str, Any]) -> None:
    from bootstrap.bundle import logins, places, push
    from bootstrap.cloud import ecr

    host = min((reference.partition("/")[0] for reference in props["images"]), default="")
    login = ecr.login(host) if props["login"] == ECR else logins.configured(host)
    push.push(props["images"], places.layout(), login)
