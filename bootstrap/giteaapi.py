"""Requests to Gitea's API: asked again past a restart, refusals as errors, all pages of a listing."""

from __future__ import annotations

from typing import Any

import httpx

from bootstrap import http
from bootstrap.errors import IdpError

Json = Any

#: Seconds that a new pod of Gitea may take to answer; Argo CD may just be replacing it.
RESTART_WITHIN = 120.0


class Api:
    """The API as one account sees it; `client` carries its credentials and the base URL `…/api/v1/`."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def close(self) -> None:
        self._client.close()

    def _find(self, path: str) -> Json | None:
        answer = self._ask("GET", path)
        return None if answer.status_code == 404 else self._checked(answer)

    def _get(self, path: str) -> Json:
        return self._checked(self._ask("GET", path))

    def _pages(self, path: str) -> list[Json]:
        """All items of a listing."""
        items: list[Json] = []
        page = 1
        while True:
            answer = self._ask("GET", path, params={"page": page, "limit": 50})
            batch = self._checked(answer) or []
            items += batch
            if not batch or len(items) >= int(answer.headers.get("x-total-count", 0)):
                return items
            page += 1

    def _send(self, method: str, path: str, body: Json = None) -> Json:
        return self._checked(self._ask(method, path, json=body))

    def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        try:
            return http.past_a_restart(
                lambda: http.retried(lambda: self._client.request(method, path, **given)), RESTART_WITHIN
            )
        except httpx.TransportError as error:
            why = f"{method} {self._client.base_url}{path}: {error}"
            raise IdpError("IDP-G001", "Gitea does not answer", why, "idp status") from error

    @staticmethod
    def _checked(answer: httpx.Response) -> Json:
        if answer.is_success:
            return answer.json() if answer.content else None
        request = answer.request
        raise IdpError(
            "IDP-G002",
            f"Gitea refused {request.method} {request.url.path} with status {answer.status_code}",
            answer.text[:500],
            "idp status",
        )
