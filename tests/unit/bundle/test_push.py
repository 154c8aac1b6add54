"""Pushing to a registry: only what it lacks, to the end after an interruption, and checked afterwards."""

from __future__ import annotations

import re

import boto3
import h11
import httpx
import pytest

from bootstrap import imagetags
from bootstrap.bundle import delivery, logins, net, push, remote
from bootstrap.bundle.layout import Layout
from bootstrap.cloud import ecr
from bootstrap.errors import IdpError
from tests.unit.bundle.conftest import add_image
from tests.unit.bundle.remotes import HOST, Remotes

A, B = f"{HOST}/team/a", f"{HOST}/team/b"


@pytest.fixture
def remotes(monkeypatch: pytest.MonkeyPatch) -> Remotes:
    found = Remotes()
    monkeypatch.setattr(net, "client", found.client)
    monkeypatch.setattr(remote.time, "sleep", lambda seconds: None)  # type: ignore[attr-defined]
    return found


def two_images(layout: Layout) -> dict[str, str]:
    """References and digests of two images that share a layer."""
    a, b = add_image(layout, b"base", b"a" * 2_000_000).digest, add_image(layout, b"base", b"b").digest
    return {f"{A}@{a}": a, f"{B}@{b}": b}


def test_everything_arrives_and_is_named(remotes: Remotes, layout: Layout) -> None:
    images = two_images(layout)
    said: list[str] = []
    done = push.push(images, layout, note=said.append)
    assert (done.images, done.new, done.blobs) == (2, 2, 6)
    for reference, digest in images.items():
        repository = reference.partition("@")[0].partition("/")[2]
        raw = layout.path(digest).read_bytes()
        assert remotes.manifests[repository, digest] == raw
        assert remotes.manifests[repository, imagetags.image(digest)] == raw
        for blob in layout.parts(digest):
            assert remotes.blobs[repository, blob.digest] == layout.path(blob.digest).read_bytes()
    assert [text.partition(",")[0] for text in said] == ["1 of 2 images", "2 of 2 images"]
    assert said[-1].endswith("2 of 2 MB")


def test_what_is_there_is_not_sent_again(remotes: Remotes, layout: Layout) -> None:
    images = two_images(layout)
    push.push(images, layout)
    remotes.asked.clear()
    assert push.push(images, layout) == push.Pushed(2, 0, 0, 0)
    assert remotes.written() == []


def test_an_upload_that_came_out_shorter_than_told_is_sent_again(remotes: Remotes, layout: Layout) -> None:
    """httpx lets this error of h11's through as it is."""
    broken = [h11.LocalProtocolError("Too little data for declared Content-Length")]

    def once(request: httpx.Request) -> None:
        if request.method == "PATCH" and broken:
            raise broken.pop()

    remotes.hook = once
    assert push.push(two_images(layout), layout).blobs == 6
    assert not broken


def test_after_a_refusal_the_rest_follows(remotes: Remotes, layout: Layout) -> None:
    images = two_images(layout)
    big = next(blob.digest for d in images.values() for blob in layout.parts(d) if blob.size == 2_000_000)

    def full(request: httpx.Request) -> httpx.Response | None:
        wanted = request.method == "PUT" and request.url.params.get("digest") == big
        return httpx.Response(403, text="the quota is used up") if wanted else None

    remotes.hook = full
    with pytest.raises(IdpError) as caught:
        push.push(images, layout)
    assert caught.value.code == "IDP-B015"
    assert "the quota is used up" in caught.value.why
    remotes.hook = lambda request: None
    assert push.push(images, layout) == push.Pushed(2, 1, 1, 2_000_000)


def test_a_broken_connection_is_tried_again_from_the_beginning(remotes: Remotes, layout: Layout) -> None:
    broken: list[str] = []

    def hang_up(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PATCH" and len(broken) < 2:
            broken.append(request.url.path)
            raise httpx.WriteError("connection reset")
        return None

    remotes.hook = hang_up
    assert push.push(two_images(layout), layout).new == 2


def test_a_token_that_runs_out_during_an_upload_is_fetched_again(remotes: Remotes, layout: Layout) -> None:
    tokens = iter(range(100))
    valid: list[str] = []

    def guard(request: httpx.Request) -> httpx.Response | None:
        if request.url.host == "auth.example":
            valid.append(f"Bearer t{next(tokens)}")
            return httpx.Response(200, json={"token": valid[-1].partition(" ")[2]})
        good = valid and request.headers.get("Authorization") == valid[-1]
        if request.method == "POST" and good:
            valid.append("none")  # whatever was given is over now
            return None
        challenge = {"WWW-Authenticate": 'Bearer realm="https://auth.example/token"'}
        return None if good else httpx.Response(401, headers=challenge)

    remotes.hook = guard
    image = add_image(layout, b"a").digest
    assert push.push({f"{A}@{image}": image}, layout).new == 1


def test_a_registry_that_alters_what_it_gets_is_found_out(remotes: Remotes, layout: Layout) -> None:
    images = two_images(layout)

    def alter(request: httpx.Request) -> httpx.Response | None:
        if request.method == "HEAD" and "/manifests/" in request.url.path and remotes.manifests:
            return httpx.Response(200, headers={"Docker-Content-Digest": "sha256:other"})
        return None

    remotes.hook = alter
    with pytest.raises(IdpError) as caught:
        push.push(images, layout)
    assert caught.value.code == "IDP-B020"
    assert caught.value.faults == [f"{reference}: sha256:other" for reference in sorted(images)]


@pytest.mark.parametrize(
    ("text", "registry"),
    [
        ("ghcr.io/team", "ghcr.io/team"),
        ("https://registry.example.org/a/b/", "registry.example.org/a/b"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
        ("team", ""),
        ("ghcr.io/team:latest", ""),
        ("ghcr.io/Team", ""),
        ("ghcr.io/a@sha256:b", ""),
        ("", ""),
    ],
)
def test_what_names_a_registry(text: str, registry: str) -> None:
    if registry:
        assert delivery.registry_of(text) == registry
    else:
        with pytest.raises(IdpError, match="IDP-B023"):
            delivery.registry_of(text)


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("123456789012.dkr.ecr.eu-west-3.amazonaws.com", "eu-west-3"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("ghcr.io", ""),
        ("dkr.ecr.example.org", ""),
    ],
)
def test_amazons_registry_is_known_by_its_host(host: str, region: str) -> None:
    assert ecr.region_of(host) == region


def test_amazons_registry_is_signed_in_to_by_the_account(aws: boto3.Session) -> None:
    login = logins.of("123456789012.dkr.ecr.eu-west-3.amazonaws.com")
    assert login
    assert login[0] == "AWS"
    assert re.search("token", login[1])
