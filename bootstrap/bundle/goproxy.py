"""Fetch a module's zip through the Go module proxy that this host is configured with."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import httpx

from bootstrap import shell
from bootstrap.bundle import hostconfig, net
from bootstrap.bundle.sources import host_of
from bootstrap.errors import IdpError


def escape(text: str) -> str:
    """Paths and versions as proxies spell them: `!` and the small letter instead of a capital."""
    return "".join(f"!{letter.lower()}" if letter.isupper() else letter for letter in text)


def zip_path(module: str, version: str) -> str:
    return f"{escape(module)}/@v/{escape(version)}.zip"


def proxies(setting: str) -> list[str]:
    """The proxies of a GOPROXY setting in their order; `direct` and `off` are no proxies."""
    names = setting.replace("|", ",").split(",")
    return [name.strip().rstrip("/") for name in names if name.strip() not in ("", "direct", "off")]


def configured(ask_golang: Callable[[], str] = lambda: "") -> list[str]:
    """Proxies by Go's settings on this host, by a go command here, or by one that `ask_golang` finds."""
    setting = hostconfig.go_settings(Path.home(), os.environ).get("GOPROXY", "")
    if not setting and shutil.which("go"):
        setting = shell.run(["go", "env", "GOPROXY"], check=False, timeout=30).out.strip()
    return proxies(setting or ask_golang())


def fetch(module: str, version: str, addresses: Sequence[str]) -> IO[bytes]:
    """The module's zip as an open file. Raises IDP-B014 with what every proxy said."""
    said: list[str] = []
    with net.client() as http:
        for address in addresses:
            target: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
            try:
                with http.stream("GET", f"{address}/{zip_path(module, version)}") as answer:
                    if answer.status_code == 200:
                        for chunk in answer.iter_bytes(1 << 20):
                            target.write(chunk)
                        target.seek(0)
                        return target
                    said.append(f"{host_of(address)}: {answer.status_code} {answer.reason_phrase}")
            except httpx.HTTPError as error:
                said.append(f"{host_of(address)}: {error or type(error).__name__}")
            target.close()
    raise IdpError(
        "IDP-B014",
        f"cannot fetch the module {module} {version}",
        "; ".join(said) or "no Go module proxy is configured",
        "set GOPROXY to a proxy that this machine reaches, then run `idp bundle build` again",
    )
