"""A registry in this process that takes what is pushed, and lets tests tamper with what it holds."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable

import httpx

from bootstrap.bundle.remote import digest_of

HOST = "registry.example.org"
_PATH = re.compile(r"/v2/(?P<repository>.+?)/(?P<what>manifests|blobs|referrers)/(?P<wanted>.+)")


class Remotes:
    """Blobs and manifests by repository; `lists` says whether it keeps lists of what refers to what."""

    def __init__(self, lists: bool = False) -> None:
        self.blobs: dict[tuple[str, str], bytes] = {}
        self.manifests: dict[tuple[str, str], bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.hook: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.lists = lists
        self._begun: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def client(self, timeout: float = 60, auth: httpx.Auth | None = None) -> httpx.Client:
        """Stands in for `net.client`."""
        return httpx.Client(transport=httpx.MockTransport(self.answer), auth=auth)

    def written(self) -> list[str]:
        """Paths of all requests that change something."""
        return [path for method, path in self.asked if method not in ("GET", "HEAD")]

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        with self._lock:
            self.asked.append((request.method, request.url.path))
            early = self.hook(request)
            if early is not None:
                return early
            found = _PATH.fullmatch(request.url.path)
            assert found, request.url.path
            repository, wanted = found["repository"], found["wanted"].strip("/")
            if found["what"] == "referrers":
                return self._listed(repository, wanted)
            handle = self._blobs if found["what"] == "blobs" else self._manifests
            return handle(request, repository, wanted, body)

    def _blobs(self, request: httpx.Request, repository: str, wanted: str, body: bytes) -> httpx.Response:
        if request.method == "POST":
            number = f"uploads/{len(self.asked)}"
            self._begun[number] = b""
            return httpx.Response(202, headers={"Location": f"/v2/{repository}/blobs/{number}"})
        if request.method == "PATCH":
            self._begun[wanted] += body
            return httpx.Response(202, headers={"Location": f"/v2/{repository}/blobs/{wanted}"})
        if request.method == "PUT":
            digest = request.url.params["digest"]
            if digest_of(self._begun[wanted]) != digest:
                return httpx.Response(400, text="DIGEST_INVALID")
            self.blobs[repository, digest] = self._begun.pop(wanted)
            return httpx.Response(201)
        return _content(request, self.blobs.get((repository, wanted)))

    def _manifests(self, request: httpx.Request, repository: str, wanted: str, body: bytes) -> httpx.Response:
        if request.method != "PUT":
            return _content(request, self.manifests.get((repository, wanted)))
        content = json.loads(body)
        parts = [content["config"], *content["layers"]] if "config" in content else []
        if any((repository, part["digest"]) not in self.blobs for part in parts):
            return httpx.Response(400, text="MANIFEST_BLOB_UNKNOWN")
        for name in (wanted, digest_of(body)):
            self.manifests[repository, name] = body
        subject = content.get("subject", {}).get("digest", "")
        headers = {"OCI-Subject": subject} if subject and self.lists else {}
        return httpx.Response(201, headers=headers)

    def _listed(self, repository: str, wanted: str) -> httpx.Response:
        if not self.lists:
            return httpx.Response(404)
        stored = {
            digest_of(raw): json.loads(raw) for (name, _), raw in self.manifests.items() if name == repository
        }
        entries = [
            {"digest": digest, "artifactType": content.get("artifactType")}
            for digest, content in stored.items()
            if content.get("subject", {}).get("digest") == wanted
        ]
        return httpx.Response(200, json={"manifests": entries})


def _content(request: httpx.Request, content: bytes | None) -> httpx.Response:
    if content is None:
        return httpx.Response(404)
    headers = {"Docker-Content-Digest": digest_of(content), "Content-Length": str(len(content))}
    return httpx.Response(200, headers=headers, content=b"" if request.method == "HEAD" else content)
