"""A piece of software inside an image, and its name among all software."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, order=True)
class Component:
    """`kind` is the type of a package URL (deb, pypi, npm, golang); `architecture` only where it matters."""

    kind: str
    name: str
    version: str
    architecture: str = ""

    @property
    def purl(self) -> str:
        """Its package URL, by the rules of its type (the purl specification)."""
        version = f"@{quote(self.version, safe=':')}" if self.version else ""
        qualifier = f"?arch={quote(self.architecture)}" if self.architecture else ""
        return f"pkg:{self.kind}/{self._path}{version}{qualifier}"

    @property
    def _path(self) -> str:
        if self.kind == "deb":
            return f"debian/{quote(self.name, safe='')}"
        if self.kind == "pypi":
            return quote(re.sub(r"[-_.]+", "-", self.name).lower(), safe="")
        if self.kind == "golang":
            return quote(self.name.lower(), safe="/")
        return quote(self.name, safe="/")
