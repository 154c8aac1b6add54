"""HTTP to registries and proxies, with the certificates and proxies of this host."""

from __future__ import annotations

import ipaddress
import ssl

import httpx

from bootstrap.bundle import hostconfig

#: A registry that has not answered by then is treated as unreachable.
PATIENCE = 3.0


def client(timeout: float = 60, auth: httpx.Auth | None = None) -> httpx.Client:
    """A client that trusts what this host trusts; `timeout` in seconds between two chunks."""
    context = ssl.create_default_context(cafile=str(hostconfig.ca_bundle()))
    patience = httpx.Timeout(timeout, connect=10)
    return httpx.Client(verify=context, follow_redirects=True, timeout=patience, auth=auth)


def answers(url: str) -> bool:
    """Does anything that speaks HTTP answer there? Refusals count, a gateway's excuses do not."""
    try:
        context = ssl.create_default_context(cafile=str(hostconfig.ca_bundle()))
        return httpx.head(url, verify=context, timeout=PATIENCE).status_code < 500
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError):
        return False


def scheme(host: str) -> str:
    """Registries on loopback speak plain HTTP, as container engines assume too."""
    name = host.rpartition(":")[0] or host
    try:
        return "http" if ipaddress.ip_address(name.strip("[]")).is_loopback else "https"
    except ValueError:
        return "http" if name == "localhost" else "https"
