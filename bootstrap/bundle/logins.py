"""Who we are to a registry: the user's own sign-in, or a token that the registry's service gives for it."""

from __future__ import annotations

import json
import re
from collections.abc import Generator

import httpx

#: User and password.
Login = tuple[str, str]


class RegistryAuth(httpx.Auth):
    """Answers a registry's challenge: Basic by the password itself, Bearer by a token of its service.

    Without a login it asks for an anonymous token, as pulling from public registries needs. Tokens are per
    repository and action, so that the scope of a challenge decides which one goes along.
    """

    def __init__(self, login: Login | None = None) -> None:
        self._basic = httpx.BasicAuth(*login) if login else None
        self._headers: dict[str, str] = {}

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        place = f"{request.url.host}{_repository(request.url.path)}"
        if known := self._headers.get(place):
            request.headers["Authorization"] = known
        answer = yield request  # its body may be a gigabyte: only the token's is read here
        challenge = answer.headers.get("WWW-Authenticate", "")
        if answer.status_code != 401 or not challenge:
            return
        if challenge.lower().startswith("bearer "):
            token = yield self._question(challenge)
            if not token.is_success:
                return
            content = json.loads(token.read())
            header = f"Bearer {content.get('token') or content.get('access_token') or ''}"
        elif self._basic:
            header = next(self._basic.auth_flow(request)).headers["Authorization"]
        else:
            return
        self._headers[place] = request.headers["Authorization"] = header
        yield request

    def _question(self, challenge: str) -> httpx.Request:
        """The request for a token, as the challenge words it."""
        parameters = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        query = {name: parameters[name] for name in ("service", "scope") if name in parameters}
        asked = httpx.Request("GET", parameters.get("realm", ""), params=query)
        return next(self._basic.auth_flow(asked)) if self._basic else asked


def of(host: str) -> Login | None:
    """How this user signs in to a registry: Amazon's by the account's credentials, others as with Docker."""
    from bootstrap.cloud import ecr

    return ecr.login(host) if ecr.region_of(host) else configured(host)


def configured(host: str) -> Login | None:
    """What `docker login` keeps for a registry, credential helpers included; None where there is nothing."""
    import docker.auth
    from docker.errors import DockerException

    try:
        found = docker.auth.load_config().resolve_authconfig(host)
    except DockerException:
        return None
    if not found or not found.get("Username"):
        return None
    return str(found["Username"]), str(found.get("Password", ""))


def _repository(path: str) -> str:
    """`/v2/idp/gitea/blobs/…` -> `/v2/idp/gitea`."""
    return re.split(r"/(?:blobs|manifests|tags|referrers)/", path, maxsplit=1)[0]
