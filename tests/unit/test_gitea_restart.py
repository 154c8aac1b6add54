"""Gitea's pod may be replaced while idp talks to it: a 502 is waited out, other errors are not."""

from __future__ import annotations

import httpx
import pytest

from bootstrap import gitea, giteaapi
from bootstrap.errors import IdpError


def speaking(*statuses: int) -> gitea.Gitea:
    """Gitea that answers with these statuses one after the other, then with its version."""
    left = list(statuses)

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(left.pop(0)) if left else httpx.Response(200, json={"version": "1.26.4"})

    return gitea.Gitea(httpx.Client(transport=httpx.MockTransport(answer), base_url="https://gitea.test/"))


def test_a_restart_is_waited_out() -> None:
    assert speaking(502, 503).version() == "1.26.4"


def test_a_restart_that_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giteaapi, "RESTART_WITHIN", 0.1)
    with pytest.raises(IdpError, match="502"):
        speaking(*[502] * 10).version()


def test_other_errors_are_not_repeated() -> None:
    with pytest.raises(IdpError, match="500"):
        speaking(500).version()
