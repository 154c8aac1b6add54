"""Pulling from a registry that runs in this process: indexes, tokens, retries, refusals."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bootstrap.bundle import registry
from bootstrap.bundle.layout import MANIFEST_TYPE, Layout
from bootstrap.bundle.logins import Login, RegistryAuth
from bootstrap.bundle.references import parse
from bootstrap.bundle.registry import Registry
from bootstrap.errors import IdpError

INDEX = "application/vnd.oci.image.index.v1+json"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Upstream:
    """A registry with one image for two platforms."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.login: Login | None = None
        self.hook: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        entries = [
            {
                "mediaType": MANIFEST_TYPE,
                "digest": self.image(arch),
                "size": 1,
                "platform": {"os": "linux", "architecture": arch},
            }
            for arch in ("amd64", "arm64")
        ]
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        self.index = self.add(json.dumps(index).encode())

    def add(self, content: bytes) -> str:
        self.blobs[digest_of(content)] = content
        return digest_of(content)

    def image(self, arch: str) -> str:
        config, layer = json.dumps({"architecture": arch, "os": "linux"}).encode(), f"layer {arch}".encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {"digest": self.add(config), "size": len(config)},
            "layers": [{"digest": self.add(layer), "size": len(layer)}],
        }
        return self.add(json.dumps(manifest).encode())

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if early := self.hook(request):
            return early
        wanted = request.url.path.rpartition("/")[2]
        content = self.blobs.get(self.index if wanted == "1.0" else wanted)
        return httpx.Response(200, content=content) if content else httpx.Response(404)

    def pull(self, reference: str, layout: Layout, platform: str = "linux/amd64") -> str:
        transport = httpx.MockTransport(self.answer)
        with httpx.Client(transport=transport, follow_redirects=True, auth=RegistryAuth(self.login)) as http:
            return Registry(parse(reference), http).pull(layout, platform).digest


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Upstream:
    monkeypatch.setattr(registry.time, "sleep", lambda seconds: None)  # type: ignore[attr-defined]
    return Upstream()


@pytest.mark.parametrize("arch", ["amd64", "arm64"])
def test_the_platform_at_hand_is_pulled(arch: str, upstream: Upstream, layout: Layout) -> None:
    digest = upstream.pull(f"quay.io/a/b:1.0@{upstream.index}", layout, f"linux/{arch}")
    config, layer = layout.parts(digest)
    assert layout.read_json(config.digest)["architecture"] == arch
    assert layout.path(layer.digest).read_text() == f"layer {arch}"
    assert not layout.has(digest_of(b"layer " + (b"arm64" if arch == "amd64" else b"amd64")))


def test_by_tag(upstream: Upstream, layout: Layout) -> None:
    assert layout.has(upstream.pull("quay.io/a/b:1.0", layout))
    assert upstream.asked[0] == "/v2/a/b/manifests/1.0"


def test_blobs_that_are_here_are_not_asked_for(upstream: Upstream, layout: Layout) -> None:
    upstream.pull("quay.io/a/b:1.0", layout)
    upstream.asked.clear()
    upstream.pull("quay.io/a/b:1.0", layout)
    assert not [path for path in upstream.asked if "/blobs/" in path]


def test_a_token_is_fetched_where_one_is_wanted(upstream: Upstream, layout: Layout) -> None:
    challenge = 'Bearer realm="https://auth.example/token",service="quay.io",scope="repository:a/b:pull"'

    def guard(request: httpx.Request) -> httpx.Response | None:
        if request.url.host == "auth.example":
            assert request.url.params["scope"] == "repository:a/b:pull"
            return httpx.Response(200, json={"token": "t0k"})
        if request.headers.get("Authorization") != "Bearer t0k":
            return httpx.Response(401, headers={"WWW-Authenticate": challenge})
        return None

    upstream.hook = guard
    assert layout.has(upstream.pull("quay.io/a/b:1.0", layout))


def test_a_known_password_goes_to_the_token_service_and_nowhere_else(
    upstream: Upstream, layout: Layout
) -> None:
    upstream.login = ("me", "secret")
    basic = httpx.BasicAuth("me", "secret")
    expected = next(basic.auth_flow(httpx.Request("GET", "https://x"))).headers["Authorization"]

    def guard(request: httpx.Request) -> httpx.Response | None:
        shown = request.headers.get("Authorization", "")
        if request.url.host == "auth.example":
            return httpx.Response(200, json={"access_token": "t0k"} if shown == expected else {})
        assert shown != expected
        if shown != "Bearer t0k":
            challenge = 'Bearer realm="https://auth.example/token"'
            return httpx.Response(401, headers={"WWW-Authenticate": challenge})
        return None

    upstream.hook = guard
    assert layout.has(upstream.pull("quay.io/a/b:1.0", layout))


def test_a_busy_registry_is_asked_again(upstream: Upstream, layout: Layout) -> None:
    busy = iter([429, 503])

    def grumble(request: httpx.Request) -> httpx.Response | None:
        code = next(busy, 0)
        return httpx.Response(code) if code else None

    upstream.hook = grumble
    assert layout.has(upstream.pull("quay.io/a/b:1.0", layout))


def test_a_broken_connection_is_tried_again(upstream: Upstream, layout: Layout) -> None:
    broken: list[str] = []

    def hang_up(request: httpx.Request) -> httpx.Response | None:
        if "/blobs/" in request.url.path and len(broken) < 2:
            broken.append(request.url.path)
            raise httpx.ReadError("connection reset")
        return None

    upstream.hook = hang_up
    assert layout.has(upstream.pull("quay.io/a/b:1.0", layout))
    assert len(broken) == 2


REFUSALS: dict[str, tuple[Any, str, str]] = {
    "not there": (lambda u: setattr(u, "index", "none"), "IDP-B009", "404"),
    "a password": (
        lambda u: setattr(u, "hook", lambda r: httpx.Response(401, headers={"WWW-Authenticate": "Basic x"})),
        "IDP-B009",
        "password",
    ),
    "changed content": (
        lambda u: u.blobs.update({digest_of(b"layer amd64"): b"LAYER amd64"}),
        "IDP-B003",
        "expected",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name: str, upstream: Upstream, layout: Layout) -> None:
    prepare, code, why = REFUSALS[name]
    prepare(upstream)
    with pytest.raises(IdpError) as caught:
        upstream.pull("quay.io/a/b:1.0", layout)
    assert caught.value.code == code
    assert why in caught.value.why


def test_a_changed_index_is_refused(upstream: Upstream, layout: Layout) -> None:
    upstream.blobs[upstream.index] = b'{"manifests": []}'
    with pytest.raises(IdpError) as caught:
        upstream.pull(f"quay.io/a/b@{upstream.index}", layout)
    assert caught.value.code == "IDP-B003"


def test_a_missing_platform_is_named(upstream: Upstream, layout: Layout) -> None:
    with pytest.raises(IdpError) as caught:
        upstream.pull("quay.io/a/b:1.0", layout, "linux/riscv64")
    assert "linux/riscv64" in caught.value.what
    assert caught.value.why == "it is for linux/amd64, linux/arm64"
