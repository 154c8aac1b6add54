"""The portal's sign-in, walked over pages that a fake portal and a fake Gitea serve."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote

import httpx
import pytest

from bootstrap import signin
from bootstrap.errors import IdpError
from bootstrap.portal import PortalClient

PORTAL, GITEA = "backstage.demo.localhost", "gitea.demo.localhost"
CONFIG = [{"context": "a", "data": {"auth": {"environment": "production"}}}, {"context": "b", "data": {}}]
INDEX = f'<html><head><script type="backstage.io/config">\n{json.dumps(CONFIG)}\n</script></head></html>'
LOGIN = """
<form action="/search" method="get"><input name="q"></form>
<form class="ui form" action="/user/login" method="post">
  <input id="user_name" type="text" name="user_name" value="" required>
  <input id="password" name="password" type="password" value="">
  <input name="remember" type="checkbox">
  <button class="ui primary button">Sign in</button>
</form>"""
CONSENT = """
<form method="post" action="/login/oauth/grant">
  <input type="hidden" name="client_id" value="c-1">
  <input type="hidden" name="state" value="s&amp;1">
  <button type="submit" name="granted" value="true">Authorize</button>
  <button type="submit" name="granted" value="false">Cancel</button>
</form>"""


def frame(message: dict[str, Any]) -> str:
    script = f"var authResponse = decodeURIComponent('{quote(json.dumps(message))}');"
    return f"<html><body><script>{script} var origin = decodeURIComponent('x');</script></body></html>"


WELCOME = {
    "type": "authorization_response",
    "response": {
        "backstageIdentity": {"token": "t-1", "identity": {"userEntityRef": "user:default/data-scientist"}}
    },
}
REFUSED = {"type": "authorization_response", "error": {"name": "NotFoundError", "message": "no user entity"}}


class Fake:
    """The two servers; `asks_consent` as Gitea does at the first sign-in only."""

    def __init__(self, *, asks_consent: bool = True, message: dict[str, Any] = WELCOME) -> None:
        self.asks_consent, self.message = asks_consent, message
        self.started: dict[str, list[str]] = {}
        self.granted: dict[str, list[str]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer: Callable[[httpx.Request], httpx.Response] | None = {
            (PORTAL, "GET", "/"): lambda r: httpx.Response(200, text=INDEX),
            (PORTAL, "GET", "/api/auth/oidc/start"): self.start,
            (GITEA, "GET", "/login/oauth/authorize"): self.authorize,
            (GITEA, "GET", "/user/login"): lambda r: httpx.Response(200, text=LOGIN),
            (GITEA, "POST", "/user/login"): self.login,
            (GITEA, "POST", "/login/oauth/grant"): self.grant,
            (PORTAL, "GET", "/api/auth/oidc/handler/frame"): self.handle,
            (PORTAL, "GET", "/api/catalog/entities/by-name/user/default/x"): self.entity,
        }.get((request.url.host, request.method, request.url.path))
        return answer(request) if answer else httpx.Response(404)

    def start(self, request: httpx.Request) -> httpx.Response:
        self.started = parse_qs(request.url.query.decode())
        headers = {"Set-Cookie": "oidc-nonce=n; Path=/api/auth/oidc/handler; HttpOnly; Secure"}
        return _to(f"https://{GITEA}/login/oauth/authorize", headers)

    def authorize(self, request: httpx.Request) -> httpx.Response:
        if "session=in" not in request.headers.get("cookie", ""):
            return _to("/user/login")
        return httpx.Response(200, text=CONSENT) if self.asks_consent else _to(self.back)

    def login(self, request: httpx.Request) -> httpx.Response:
        if parse_qs(request.content.decode()) != {"user_name": ["data-scientist"], "password": ["right"]}:
            return httpx.Response(200, text=LOGIN)
        return _to("/login/oauth/authorize", {"Set-Cookie": "session=in; Path=/"})

    def grant(self, request: httpx.Request) -> httpx.Response:
        self.granted = parse_qs(request.content.decode())
        return _to(self.back)

    def handle(self, request: httpx.Request) -> httpx.Response:
        assert "oidc-nonce=n" in request.headers["cookie"]
        return httpx.Response(200, text=frame(self.message))

    def entity(self, request: httpx.Request) -> httpx.Response:
        signed_in = request.headers.get("authorization") == "Bearer t-1"
        return httpx.Response(200, json={"kind": "User"}) if signed_in else httpx.Response(401)

    back = f"https://{PORTAL}/api/auth/oidc/handler/frame?code=c&state=s"


def _to(url: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(303, headers={"Location": url, **(headers or {})})


def client(fake: Fake) -> PortalClient:
    return PortalClient(httpx.Client(base_url=f"https://{PORTAL}", transport=httpx.MockTransport(fake)))


@pytest.mark.parametrize("asks_consent", [True, False])
def test_sign_in_then_ask_as_that_user(asks_consent: bool) -> None:
    fake = Fake(asks_consent=asks_consent)
    with client(fake) as portal:
        portal.sign_in("data-scientist", "right")
        assert portal.user == "user:default/data-scientist"
        assert portal.entity("user:x") == {"kind": "User"}
    assert fake.started["env"] == ["production"]
    if asks_consent:
        assert fake.granted == {"client_id": ["c-1"], "state": ["s&1"], "granted": ["true"]}


def test_a_wrong_password_is_tried_once() -> None:
    with client(Fake()) as portal, pytest.raises(IdpError, match="data-scientist") as caught:
        portal.sign_in("data-scientist", "wrong")
    assert "not accepted" in caught.value.why
    assert "wrong" not in f"{caught.value.what} {caught.value.why}"


def test_the_reason_of_the_portal_is_passed_on() -> None:
    with client(Fake(message=REFUSED)) as portal, pytest.raises(IdpError) as caught:
        portal.sign_in("data-scientist", "right")
    assert caught.value.why == "no user entity"


def test_without_an_entity_there_is_no_user() -> None:
    nobody = {"type": "authorization_response", "response": {"profile": {}}}
    with client(Fake(message=nobody)) as portal, pytest.raises(IdpError) as caught:
        portal.sign_in("data-scientist", "right")
    assert "no catalogue entity" in caught.value.why


@pytest.mark.parametrize(
    ("html", "environment"),
    [
        (INDEX, "production"),
        ("<html></html>", "development"),
        ('<script type="backstage.io/config">[]</script>', "development"),
        (
            '<script type="backstage.io/config">[{"data": {"auth": {"environment": "a"}}},'
            ' {"data": {"auth": {"environment": "b"}}}]</script>',
            "b",
        ),
    ],
)
def test_environment_is_what_the_last_layer_says(html: str, environment: str) -> None:
    assert signin.environment(html) == environment


@pytest.mark.parametrize("html", ["", "<p>hello</p>", '<form method="get"><input name="q"></form>'])
def test_a_page_without_a_form_leads_nowhere(html: str) -> None:
    assert signin.next_form(html) is None
