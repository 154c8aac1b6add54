"""Contexts of the user's kubeconfig: one of them, complete in itself, for an instance to keep."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bootstrap.errors import WRONG_USE, IdpError

#: Keys that name a file, and under which key its content stands instead.
_FILES = {
    "certificate-authority": "certificate-authority-data",
    "client-certificate": "client-certificate-data",
    "client-key": "client-key-data",
}


def extract(context: str, environ: Mapping[str, str] = os.environ) -> str:
    """A kubeconfig with that context alone; files that it names are taken in. Raises IDP-E001."""
    known: dict[str, tuple[Path, dict[str, Any]]] = {}
    for file, content in _read(environ):
        for entry in content.get("contexts") or ():
            known.setdefault(entry["name"], (file, content))  # kubectl, too: the first file wins
    if context not in known:
        raise IdpError(
            "IDP-E001",
            f"the kubeconfig has no context `{context}`",
            f"its contexts: {', '.join(sorted(known)) or 'none'}",
            "kubectl config get-contexts",
            exit_code=WRONG_USE,
        )
    file, content = known[context]
    chosen = _named(content["contexts"], context)["context"]
    cluster = _named(content["clusters"], chosen["cluster"])["cluster"]
    user = _named(content.get("users") or [], chosen.get("user", ""))["user"]
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [{"name": context, "cluster": _whole(cluster, file.parent)}],
            "users": [{"name": context, "user": _whole(user, file.parent)}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        },
        sort_keys=False,
    )


def names(environ: Mapping[str, str] = os.environ) -> list[str]:
    """All contexts, for completion; a file that cannot be read has none."""
    return sorted({e["name"] for _, content in _read(environ) for e in content.get("contexts") or ()})


def _read(environ: Mapping[str, str]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The files of KUBECONFIG, or the default one, as far as they exist."""
    listed = environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    for name in filter(None, listed.split(os.pathsep)):
        file = Path(name).expanduser()
        if not file.is_file():
            continue
        try:
            content = yaml.safe_load(file.read_text())
        except yaml.YAMLError as error:
            raise IdpError(
                "IDP-E001", f"{file} is no kubeconfig", str(error), "kubectl config view"
            ) from error
        if isinstance(content, dict):
            yield file, content


def _named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next((entry for entry in entries if entry["name"] == name), {"user": {}, "cluster": {}})


def _whole(entry: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The entry with the content of its files, whose names are relative to the kubeconfig's folder."""
    found = {key: value for key, value in entry.items() if key not in _FILES and key != "tokenFile"}
    for key, data in _FILES.items():
        if entry.get(key) and not entry.get(data):
            found[data] = base64.b64encode((folder / str(entry[key])).read_bytes()).decode()
    if entry.get("tokenFile"):
        found["tokenFile"] = str(folder / str(entry["tokenFile"]))  # renewed from outside: read each time
    return found
