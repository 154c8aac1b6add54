"""What the pages of a sign-in say: forms, injected configuration, the portal's answer. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from bootstrap.errors import IdpError


@dataclass
class Form:
    """A form of an HTML page: where it goes and what it would send; `kinds` maps names to input types."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def asks_password(self) -> bool:
        return "password" in self.kinds.values()

    def filled(self, user: str, password: str) -> dict[str, str]:
        """The values with name and password entered where the form asks for them."""
        if not self.asks_password:
            return self.values
        entered = {"text": user, "email": user, "password": password}
        return {name: entered.get(self.kinds.get(name, ""), value) for name, value in self.values.items()}


class _Forms(HTMLParser):
    """Collects forms; of several named buttons the first is the one that gets pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._pressed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self._pressed = False
            self.forms.append(self._open)
        elif self._open and given.get("name"):
            self._take(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _take(self, tag: str, given: Mapping[str, str]) -> None:
        assert self._open  # noqa: S101 - for the type checker
        kind = given.get("type", "submit" if tag == "button" else "text").lower()
        if kind in {"checkbox", "radio"} or tag not in {"input", "button"}:
            return
        if kind == "submit":
            if self._pressed:
                return
            self._pressed = True
        self._open.values[given["name"]] = given.get("value", "")
        self._open.kinds[given["name"]] = kind


def forms(html: str) -> list[Form]:
    """All forms of a page."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


def next_form(html: str) -> Form | None:
    """The form to send next: the one that asks for a password, else one that asks for consent."""
    found = [form for form in forms(html) if form.method == "post"]
    asking = [form for form in found if form.asks_password]
    granting = [form for form in found if "granted" in form.values]
    return next(iter([*asking, *granting]), None)


def environment(html: str) -> str:
    """Which of the portal's sign-in environments its front end uses, from the configuration in its page."""
    found = re.search(r'<script type="backstage\.io/config">(.*?)</script>', html, re.DOTALL)
    layers = json.loads(found[1]) if found else []
    named = [layer.get("data", {}).get("auth", {}).get("environment") for layer in layers]
    return next((str(name) for name in reversed(named) if name), "development")


def answer(html: str) -> dict[str, Any]:
    """What the portal hands to its front end after a sign-in.

    Raises IDP-R003 with the portal's own words when it refuses.
    """
    found = re.search(r"decodeURIComponent\('([^']*)'\)", html)
    if not found:
        raise IdpError("IDP-R003", "signing in did not end on the portal's answer", html[:300], "idp status")
    message = json.loads(unquote(found[1]))
    if "error" in message:
        why = str(message["error"].get("message", message["error"]))
        raise IdpError("IDP-R003", "the portal refused the sign-in", why, "idp status")
    return dict(message["response"])
