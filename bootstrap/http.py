"""HTTP to the addresses of an instance, whose authority is trusted; those of this machine need no DNS."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

import httpx
import tenacity

from bootstrap import paths

LOOPBACK = "127.0.0.1"
#: What means this machine by definition (RFC 6761), whatever its resolver knows.
LOCAL = "all://*localhost"
#: What a gateway says while nobody is behind it.
_NOBODY_BEHIND = (502, 503, 504)

T = TypeVar("T")


class LocalTransport(httpx.BaseTransport):
    """Sends every request to 127.0.0.1, with Host header and SNI kept.

    Each host name has connections of its own, because a connection carries the name it was opened for.
    """

    def __init__(self, trust: ssl.SSLContext) -> None:
        self._trust = trust
        self._by_host: dict[str, httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        return self._to(host).handle_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=LOOPBACK),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
        )

    def close(self) -> None:
        for transport in self._by_host.values():
            transport.close()

    def _to(self, host: str) -> httpx.HTTPTransport:
        with self._lock:
            if host not in self._by_host:
                self._by_host[host] = httpx.HTTPTransport(verify=self._trust, trust_env=False)
            return self._by_host[host]


def client(
    name: str,
    base_url: str = "",
    *,
    auth: httpx.Auth | None = None,
    timeout: float = 30,
    data: Path | None = None,
) -> httpx.Client:
    """A client for the pages and APIs of the instance `name`; `timeout` in seconds per request.

    Names that mean this machine need no resolver and no proxy; others take the way of this host, by a proxy
    where it has one. `data` is the data folder in which the instance lies, if it is not this user's.
    """
    trusted = trust(name, data)
    return httpx.Client(
        base_url=base_url,
        auth=auth,
        timeout=httpx.Timeout(timeout, connect=5),
        verify=trusted,
        mounts={LOCAL: LocalTransport(trusted)},
    )


def trust(name: str, data: Path | None = None) -> ssl.SSLContext:
    """Trust in the instance's CA alone; in the system's where the instance has none of its own."""
    certificate = paths.ca_certificate(name)
    if data:
        certificate = data / certificate.relative_to(paths.data())
    return ssl.create_default_context(cafile=str(certificate) if certificate.is_file() else None)


def retried(send: Callable[[], T], seconds: float = 5) -> T:
    """Call `send` again while no connection comes about, for up to `seconds`; an answer is never retried."""
    attempts = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type((httpx.ConnectError, httpx.ConnectTimeout)),
        stop=tenacity.stop_after_delay(seconds),
        wait=tenacity.wait_exponential(multiplier=0.05, max=1),
        reraise=True,
    )
    return attempts(send)


def past_a_restart(
    ask: Callable[[], httpx.Response], seconds: float, lost: tuple[type[Exception], ...] = ()
) -> httpx.Response:
    """Ask again while the gateway has nobody behind it, and after errors `lost`."""
    return asked_again(ask, _NOBODY_BEHIND, seconds, lost)


def asked_again(
    ask: Callable[[], httpx.Response],
    statuses: Collection[int],
    seconds: float,
    lost: tuple[type[Exception], ...] = (),
) -> httpx.Response:
    """Ask again while the answer has one of these statuses, and after errors `lost`; the last answer."""
    attempts = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda answer: answer.status_code in statuses)
        | tenacity.retry_if_exception_type(lost),
        stop=tenacity.stop_after_delay(seconds),
        wait=tenacity.wait_fixed(0.5),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    return attempts(ask)
