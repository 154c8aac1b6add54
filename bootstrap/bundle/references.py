"""Image references: `HOST/REPOSITORY:TAG@DIGEST`, as registries and Dockerfiles write them."""

from __future__ import annotations

from dataclasses import dataclass

#: Where a name without a host lives, and the host that really answers for it.
HUB, HUB_API = "docker.io", "registry-1.docker.io"
#: Images that this project makes carry this host; no registry answers under it.
OURS = "idp.local"


@dataclass(frozen=True)
class Reference:
    """A parsed reference; `tag` or `digest` may be empty, never both."""

    host: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def api_host(self) -> str:
        return HUB_API if self.host == HUB else self.host

    @property
    def wanted(self) -> str:
        """What to ask a registry for: the digest where one is pinned."""
        return self.digest or self.tag

    @property
    def name(self) -> str:
        return self.repository.rsplit("/", 1)[-1]

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.host}/{self.repository}{tag}{digest}"


def parse(text: str) -> Reference:
    """Split a reference; a missing host means Docker Hub, a missing tag means `latest`."""
    rest, _, digest = text.partition("@")
    head, slash, tail = rest.rpartition("/")
    last, _, tag = tail.partition(":")
    path = f"{head}{slash}{last}"
    first, slash, remainder = path.partition("/")
    named = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, repository = (first, remainder) if named else (HUB, path)
    if host == HUB and "/" not in repository:
        repository = f"library/{repository}"
    return Reference(host, repository, tag or ("" if digest else "latest"), digest)


def mirrored(reference: Reference, mirror: str) -> Reference:
    """The same image behind a mirror that keeps every upstream host as the first part of the path."""
    if not mirror:
        return reference
    host, _, prefix = mirror.strip("/").partition("/")
    upstream = reference.host.partition(":")[0]
    repository = "/".join(part for part in (prefix, upstream, reference.repository) if part)
    return Reference(host, repository, reference.tag, reference.digest)
