"""Who answers: a language model behind an OpenAI-compatible endpoint, or a stub where there is none."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

import prompt
from knowledge import Hit
from settings import Endpoint

STUB = "Stub, no language model is configured. The passages that fit best"
_PAUSE_SECONDS = 0.5


class Unavailable(Exception):
    """The language model cannot answer now; the text says why, without secrets."""


class Answerer(Protocol):
    """`model` is shown with every answer."""

    model: str
    is_stub: bool

    def answer(self, question: str, hits: list[Hit]) -> str: ...


@dataclass
class Stub:
    """Quotes instead of answering, and says so every time."""

    model: str = "stub"
    is_stub: bool = True

    def answer(self, question: str, hits: list[Hit]) -> str:
        quotes = " ".join(f"{_beginning(hit.passage.text)} [{number}]" for number, hit in enumerate(hits[:2], 1))
        return f"{STUB}: {quotes}"


class Model:
    """An endpoint that speaks OpenAI's chat completions.

    The key is read anew for every question, so one that was renewed is used without a restart.
    """

    is_stub = False

    def __init__(self, endpoint: Endpoint, secrets: Path) -> None:
        self.model = endpoint.model
        self._endpoint, self._secrets = endpoint, secrets

    def answer(self, question: str, hits: list[Hit]) -> str:
        """Raises Unavailable after the last try, or at once where another try cannot help."""
        body = {
            "model": self._endpoint.model,
            "messages": prompt.messages(question, hits),
            "temperature": 0,
            "max_tokens": self._endpoint.longest_answer_tokens,
        }
        for remaining in reversed(range(self._endpoint.tries)):
            try:
                return self._text(self._ask(body))
            except _TryAgain as error:
                if not remaining:
                    raise Unavailable(str(error)) from error
                time.sleep(_PAUSE_SECONDS)
        raise Unavailable("no try was allowed; see `tries` in app.toml")

    def _ask(self, body: dict[str, object]) -> httpx.Response:
        key, authority = self._secret("api_key"), self._secrets / "ca.crt"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        trust = ssl.create_default_context(cafile=str(authority)) if authority.is_file() else True
        url = f"{self._endpoint.url.rstrip('/')}/chat/completions"
        try:
            return httpx.post(url, json=body, headers=headers, timeout=self._endpoint.timeout_seconds, verify=trust)
        except httpx.TimeoutException as error:
            raise _TryAgain(f"no answer within {self._endpoint.timeout_seconds:g} s") from error
        except httpx.TransportError as error:
            raise _TryAgain(f"no connection to the endpoint: {type(error).__name__}") from error

    def _text(self, answer: httpx.Response) -> str:
        if answer.status_code in (401, 403):
            raise Unavailable(
                f"the endpoint refuses the key ({answer.status_code}): see the Secret {self._endpoint.secret}"
            )
        if answer.status_code == 429 or answer.status_code >= 500:
            raise _TryAgain(f"the endpoint answered {answer.status_code}")
        if answer.status_code != 200:
            raise Unavailable(f"the endpoint answered {answer.status_code}: does it know {self.model}?")
        try:
            text = answer.json()["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError) as error:
            raise Unavailable("the endpoint does not answer as OpenAI's chat completions do") from error
        if not isinstance(text, str) or not text.strip():
            raise Unavailable("the endpoint gave an empty answer")
        return text.strip()

    def _secret(self, entry: str) -> str:
        try:
            return (self._secrets / entry).read_text().strip()
        except OSError:
            return ""


class _TryAgain(Exception):
    """A trouble that may be over in a moment."""


def chosen(endpoint: Endpoint, secrets: Path) -> Answerer:
    return Model(endpoint, secrets) if endpoint.url else Stub()


def _beginning(text: str) -> str:
    """The first sentence or line of a passage."""
    line = " ".join(text.split())
    end = line.find(". ")
    return line[: end + 1] if 0 < end < 300 else line[:300]
