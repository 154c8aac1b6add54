"""One repository of a registry, written to and asked: the other direction of `registry.py`."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin

import h11
import httpx

from bootstrap.bundle import net
from bootstrap.bundle.layout import INDEX_TYPE, MANIFEST_TYPE
from bootstrap.bundle.references import parse
from bootstrap.errors import IdpError

_ATTEMPTS = 4
_BUSY = (429, 502, 503, 504)
#: What ends an attempt; where a body is not as long as told, httpcore lets an error of h11's own out.
_BROKEN = (httpx.HTTPError, h11.ProtocolError)
_PART = 1 << 20
_ACCEPT = {"Accept": f"{MANIFEST_TYPE}, {INDEX_TYPE}, application/vnd.docker.distribution.manifest.v2+json"}
T = TypeVar("T")


@dataclass(frozen=True)
class Remote:
    """The repository of `reference`; who we are to it is the client's concern.

    Everything raises IDP-B015 where the registry refuses or cannot be reached.
    """

    http: httpx.Client
    reference: str

    @property
    def name(self) -> str:
        """Registry and repository, without a digest."""
        named = parse(self.reference)
        return f"{named.host}/{named.repository}"

    @property
    def _base(self) -> str:
        named = parse(self.reference)
        return f"{net.scheme(named.api_host)}://{named.api_host}/v2/{named.repository}"

    def digest(self, wanted: str) -> str:
        """What the registry says is the digest of the manifest with that tag or digest; empty: not there."""
        answer = self._known(self._ask("HEAD", f"/manifests/{wanted}", headers=_ACCEPT))
        if answer and "Docker-Content-Digest" not in answer.headers:
            return digest_of(self.manifest(wanted))  # the header is no must in the specification
        return answer.headers["Docker-Content-Digest"] if answer else ""

    def manifest(self, wanted: str) -> bytes:
        """The bytes of a manifest by tag or digest; empty: not there."""
        answer = self._known(self._ask("GET", f"/manifests/{wanted}", headers=_ACCEPT))
        return answer.content if answer else b""

    def size(self, digest: str) -> int:
        """Bytes of a blob; -1: it is not there."""
        answer = self._known(self._ask("HEAD", f"/blobs/{digest}"))
        return int(answer.headers.get("Content-Length", 0)) if answer else -1

    def blob(self, digest: str) -> bytes:
        """A small blob, as it is, whatever its digest now is; empty: not there."""
        answer = self._known(self._ask("GET", f"/blobs/{digest}"))
        return answer.content if answer else b""

    def real_digest(self, digest: str) -> str:
        """Read a whole blob, of any size, and say what its digest really is; empty: not there."""

        def read() -> str:
            found = hashlib.sha256()
            with self.http.stream("GET", f"{self._base}/blobs/{digest}") as answer:
                if not self._known(answer):
                    return ""
                for part in answer.iter_bytes(_PART):
                    found.update(part)
            return f"sha256:{found.hexdigest()}"

        return self._patiently(read)

    def referrers(self, digest: str) -> list[dict[str, Any]]:
        """Descriptors of what refers to a manifest: by the API, or by the tag that stands in for it."""
        answer = self._known(self._ask("GET", f"/referrers/{digest}"))
        content = answer.content if answer else self.manifest(digest.replace(":", "-"))
        return list(json.loads(content).get("manifests") or []) if content else []

    def put_blob(self, digest: str, content: Path | bytes) -> bool:
        """Upload a blob unless it is there; says whether it was not. A broken upload begins again."""
        if self.size(digest) >= 0:
            return False

        def upload() -> None:
            body = _Body(content)
            begun = self._must(self.http.post(f"{self._base}/blobs/uploads/"))
            began_at = urljoin(f"{self._base}/", begun.headers["Location"])
            headers = {"Content-Length": str(body.size), "Content-Type": "application/octet-stream"}
            sent = self._must(self.http.patch(began_at, headers=headers, content=body))
            ended_at = httpx.URL(urljoin(began_at, sent.headers["Location"]))
            self._must(self.http.put(ended_at.copy_merge_params({"digest": digest})))

        self._patiently(upload)
        return True

    def put_manifest(self, tag: str, content: bytes, media_type: str) -> httpx.Response:
        """Store a manifest under a tag or its digest; its blobs have to be there."""
        headers = {"Content-Type": media_type}
        return self._must(self._ask("PUT", f"/manifests/{tag}", headers=headers, content=content))

    def put_referrer(self, descriptor: dict[str, Any], content: bytes, subject: str, tag: str) -> None:
        """Store a manifest that refers to another; where the registry keeps no list of such, keep one.

        The list is an index under a tag made of the subject's digest, as the OCI distribution
        specification 1.1 tells clients to do ("Unavailable Referrers API").
        """
        stored = self.put_manifest(tag, content, MANIFEST_TYPE)
        if "OCI-Subject" in stored.headers:
            return
        known = self.referrers(subject)
        if descriptor["digest"] in {entry["digest"] for entry in known}:
            return
        index = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": [*known, descriptor]}
        self.put_manifest(subject.replace(":", "-"), json.dumps(index).encode(), INDEX_TYPE)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        def ask() -> httpx.Response:
            answer = self.http.request(method, self._base + path, **more)
            if answer.status_code in _BUSY:
                raise httpx.RemoteProtocolError(f"{answer.status_code} {answer.reason_phrase}")
            return answer

        return self._patiently(ask)

    def _known(self, answer: httpx.Response) -> httpx.Response | None:
        """The answer, or None where the thing is not there; any other refusal is an error."""
        return None if answer.status_code == 404 else self._must(answer)

    def _must(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        words = f"{answer.status_code} {answer.reason_phrase} for {answer.request.url.path}"
        raise _trouble(self.reference, f"{words}\n{answer.read()[:500].decode(errors='replace')}".strip())

    def _patiently(self, send: Callable[[], T]) -> T:
        for attempt in range(1, _ATTEMPTS):
            try:
                return send()
            except _BROKEN:
                time.sleep(attempt)
        try:
            return send()
        except _BROKEN as error:
            raise _trouble(self.reference, str(error) or type(error).__name__) from error


class _Body:
    """What is uploaded, from its beginning however often it is asked for: a token may run out meanwhile."""

    def __init__(self, content: Path | bytes) -> None:
        self._content = content
        self.size = len(content) if isinstance(content, bytes) else content.stat().st_size

    def __iter__(self) -> Iterator[bytes]:
        if isinstance(self._content, bytes):
            yield self._content
            return
        with self._content.open("rb") as opened:
            while part := opened.read(_PART):
                yield part


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _trouble(reference: str, why: str) -> IdpError:
    return IdpError(
        "IDP-B015",
        f"the registry of {reference} refuses or cannot be reached",
        why,
        "check sign-in (`docker login`), rights and network, then run the same again, such as `idp up`; "
        "it continues",
    )
