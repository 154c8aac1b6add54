"""Push images of the layout to a registry: only what it lacks, several blobs at a time.

Speaks the OCI distribution protocol as `registry.py` does for pulling. A tag is put on every image, since
registries drop images without one after a while; it says no more than the digest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin

import httpx

from bootstrap.bundle import net
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.logins import Login, RegistryAuth
from bootstrap.bundle.references import parse
from bootstrap.errors import IdpError
from bootstrap.parallel import gather

_ATTEMPTS = 4
_PART = 1 << 20
T = TypeVar("T")


def push(images: Mapping[str, str], layout: Layout, login: Login | None = None) -> int:
    """Push images (reference -> digest of the manifest); returns how many blobs the registry lacked.

    Raises IDP-B015 where the registry refuses something or cannot be reached.
    """
    with net.client(auth=RegistryAuth(login)) as http:
        sent = gather(
            partial(_image, http, layout, reference, digest) for reference, digest in images.items()
        )
    return sum(sent)


def tag(digest: str) -> str:
    """The tag under which an image is kept."""
    return digest.replace(":", "-")[:23]


def _image(http: httpx.Client, layout: Layout, reference: str, digest: str) -> int:
    named = parse(reference)
    base = f"{net.scheme(named.api_host)}://{named.api_host}/v2/{named.repository}"
    if _ask(http, "HEAD", f"{base}/manifests/{digest}", reference).is_success:
        return 0
    content = layout.read_json(digest)
    sent = 0
    for part in [content["config"], *content["layers"]]:
        if not _ask(http, "HEAD", f"{base}/blobs/{part['digest']}", reference).is_success:
            _blob(http, base, layout.path(part["digest"]), part["digest"], reference)
            sent += 1
    _must(
        _ask(
            http,
            "PUT",
            f"{base}/manifests/{tag(digest)}",
            reference,
            headers={"Content-Type": content["mediaType"]},
            content=layout.path(digest).read_bytes(),
        ),
        reference,
    )
    return sent


def _blob(http: httpx.Client, base: str, file: Path, digest: str, reference: str) -> None:
    """One upload: begin, send the whole, close it with the digest. A broken one begins again."""

    def upload() -> httpx.Response:
        begun = _must(http.post(f"{base}/blobs/uploads/"), reference)
        began_at = urljoin(f"{base}/", begun.headers["Location"])
        headers = {"Content-Length": str(file.stat().st_size), "Content-Type": "application/octet-stream"}
        # The token was given when the upload began: a stream cannot be sent again after a challenge.
        sent = _must(http.patch(began_at, headers=headers, content=_parts(file)), reference)
        ended_at = httpx.URL(urljoin(began_at, sent.headers["Location"]))
        return _must(http.put(ended_at.copy_merge_params({"digest": digest})), reference)

    _patiently(upload, reference)


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while part := opened.read(_PART):
            yield part


def _ask(http: httpx.Client, method: str, url: str, reference: str, **more: Any) -> httpx.Response:
    return _patiently(lambda: http.request(method, url, **more), reference)


def _patiently(send: Callable[[], T], reference: str) -> T:
    for attempt in range(1, _ATTEMPTS):
        try:
            return send()
        except httpx.HTTPError:
            time.sleep(attempt)
    try:
        return send()
    except httpx.HTTPError as error:
        raise _trouble(reference, str(error) or type(error).__name__) from error


def _must(answer: httpx.Response, reference: str) -> httpx.Response:
    if not answer.is_success:
        words = f"{answer.status_code} {answer.reason_phrase} for {answer.request.url.path}"
        raise _trouble(reference, f"{words}\n{answer.text[:500]}".strip())
    return answer


def _trouble(reference: str, why: str) -> IdpError:
    return IdpError(
        "IDP-B015",
        f"cannot push {reference}",
        why,
        "check rights and network, then run `idp up` again; it continues",
    )
