"""The one adapter to Git: files of a repository at a commit."""

from __future__ import annotations

import os

import httpx

from idp_ml.errors import Refused

DEFAULT = "http://gitea.gitea.svc:3000"


def url() -> str:
    return os.environ.get("GITEA_URL", DEFAULT).rstrip("/")


def commit(repository: str, reference: str = "main") -> str:
    """The commit that a branch, a tag or a commit stands for. Raises Refused where there is none."""
    answer = _get(
        f"{url()}/api/v1/repos/{repository}/commits", {"sha": reference, "limit": "1", "stat": "false"}
    )
    if answer.status_code == 404 or not answer.json():
        raise Refused(
            f"{repository}@{reference}: there is no such repository, branch, tag or commit in Gitea"
        )
    return str(answer.raise_for_status().json()[0]["sha"])


def file(repository: str, at: str, path: str) -> bytes | None:
    """The bytes of a file at a commit; None where it does not exist."""
    answer = _get(f"{url()}/{repository}/raw/commit/{at}/{path}")
    return None if answer.status_code == 404 else answer.raise_for_status().content


def download(address: str) -> bytes:
    """The bytes behind any address."""
    answer = _get(address)
    if answer.status_code != 200:
        raise Refused(f"{address} answered {answer.status_code}: check data.url in schema.yaml")
    return answer.content


def _get(address: str, query: dict[str, str] | None = None) -> httpx.Response:
    try:
        transport = httpx.HTTPTransport(retries=3)
        with httpx.Client(transport=transport, timeout=60, follow_redirects=True) as client:
            return client.get(address, params=query)
    except httpx.HTTPError as error:
        raise Refused(f"{address} cannot be reached: {error}") from error
