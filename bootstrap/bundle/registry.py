"""Pull an image from a registry straight into the layout: only missing blobs, every digest checked.

A few requests of the OCI distribution protocol are all that this takes; it needs no engine and no other
program, so a fresh machine on the open internet pulls before it has either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

from bootstrap.bundle import net
from bootstrap.bundle.layout import Blob, Layout, mismatch
from bootstrap.bundle.references import Reference
from bootstrap.errors import IdpError

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ATTEMPTS = 4
T = TypeVar("T")


class Registry:
    """One repository of one registry; who we are to it is the client's concern."""

    def __init__(self, reference: Reference, http: httpx.Client) -> None:
        self.reference = reference
        self._http = http
        host = reference.api_host
        self._base = f"{net.scheme(host)}://{host}/v2/{reference.repository}"

    def pull(self, layout: Layout, platform: str) -> Blob:
        """Bring the image for `platform` (such as linux/amd64) into the layout; returns its manifest."""
        manifest = self._manifest(layout, self.reference.wanted)
        content = layout.read_json(manifest.digest)
        if content.get("mediaType") in _INDEXES or "manifests" in content:
            wanted = choose(content["manifests"], platform)
            if not wanted:
                raise IdpError(
                    "IDP-B009",
                    f"{self.reference} is not published for {platform}",
                    f"it is for {', '.join(sorted(_platforms(content['manifests'])))}",
                    "idp bundle build --source packages",
                )
            manifest = self._manifest(layout, wanted["digest"])
            content = layout.read_json(manifest.digest)
        for part in [content["config"], *content["layers"]]:
            if not layout.has(part["digest"], part["size"]):
                self._blob(layout, part["digest"])
        return manifest

    def _manifest(self, layout: Layout, wanted: str) -> Blob:
        def fetch() -> Blob:
            accept = ", ".join((*_INDEXES, *_MANIFESTS))
            with self._answer(f"/manifests/{wanted}", accept) as response:
                return layout.write([response.read()])

        blob = self._patiently(fetch)
        if wanted.startswith("sha256:") and blob.digest != wanted:
            layout.path(blob.digest).unlink(missing_ok=True)
            raise mismatch(f"{self.reference}", wanted, blob.digest)
        return blob

    def _blob(self, layout: Layout, digest: str) -> None:
        def fetch() -> None:
            with self._answer(f"/blobs/{digest}") as response:
                layout.write(response.iter_bytes(1 << 20), expected=digest)

        self._patiently(fetch)

    def _patiently(self, fetch: Callable[[], T]) -> T:
        """Call `fetch`, and again where the connection breaks. Raises IDP-B009 when it keeps breaking."""
        for attempt in range(1, _ATTEMPTS):
            try:
                return fetch()
            except httpx.HTTPError:
                time.sleep(attempt)
        try:
            return fetch()
        except httpx.HTTPError as error:
            raise self._trouble(str(error) or type(error).__name__) from error

    @contextmanager
    def _answer(self, path: str, accept: str = "*/*") -> Iterator[httpx.Response]:
        """A successful answer; a registry that is busy is asked again."""
        for attempt in range(1, _ATTEMPTS + 1):
            with self._http.stream("GET", self._base + path, headers={"Accept": accept}) as response:
                if response.status_code in (429, 502, 503, 504) and attempt < _ATTEMPTS:
                    time.sleep(min(float(response.headers.get("Retry-After", attempt)), 30))
                    continue
                if response.status_code == 401:
                    host = self.reference.host
                    raise self._trouble(f"it asks for a password, and none is known: docker login {host}")
                if response.status_code != 200:
                    raise self._trouble(f"{response.status_code} {response.reason_phrase} for {path}")
                yield response
                return

    def _trouble(self, why: str) -> IdpError:
        return IdpError(
            "IDP-B009",
            f"cannot pull {self.reference}",
            why,
            "check the reference and the network, then run `idp bundle build` again; it continues. "
            "Or build it here: `idp bundle build --source packages`",
        )


def choose(manifests: list[dict[str, Any]], platform: str) -> dict[str, Any] | None:
    """The entry of an index for a platform; for arm64 a variant is as good as none."""
    system, _, architecture = platform.partition("/")
    for entry in manifests:
        found = entry.get("platform", {})
        if (found.get("os"), found.get("architecture")) == (system, architecture):
            return entry
    return None


def _platforms(manifests: list[dict[str, Any]]) -> set[str]:
    found = [entry.get("platform", {}) for entry in manifests]
    return {f"{p.get('os')}/{p.get('architecture')}" for p in found if p.get("os") not in (None, "unknown")}
