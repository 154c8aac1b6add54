"""Where things lie on this machine: content of the program, data of instances, caches."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_HERE = Path(__file__).resolve().parent
_INSTALLED = _HERE / "content"


def content() -> Path:
    """The folder that holds `packages/` and `templates/`: the checkout, or inside the installed wheel."""
    return _INSTALLED if installed() else _HERE.parent


def installed() -> bool:
    """Does the program run from a wheel, and not from a checkout?"""
    return _INSTALLED.is_dir()


def packages() -> Path:
    return content() / "packages"


def templates() -> Path:
    return content() / "templates"


def stacks() -> Path:
    return _HERE.parent / "stacks"


def images() -> Path:
    """Dockerfiles of base images and tools."""
    return _HERE / "images"


def cache() -> Path:
    """Bundles, tools and image stores; everything in it can be made again."""
    return Path(os.environ.get("IDP_CACHE_DIR") or platformdirs.user_cache_dir("idp"))


def data() -> Path:
    """State that cannot be made again: one folder per instance, readable by the user only."""
    return Path(os.environ.get("IDP_DATA_DIR") or platformdirs.user_data_dir("idp"))


def instances() -> Path:
    return data() / "instances"


def instance(name: str) -> Path:
    return instances() / name


def tools() -> Path:
    """Folder of the pinned command-line tools (kind, kubectl, pulumi …) that the bundle provides."""
    return cache() / "tools" / "bin"


def kubeconfig(name: str) -> Path:
    return instance(name) / "kubeconfig"


def ca_certificate(name: str) -> Path:
    return instance(name) / "ca.crt"
