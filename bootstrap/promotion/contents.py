"""What a platform holds, as one value that two platforms can be compared by. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from bootstrap import tree

#: Path -> text; bytes that are no UTF-8 are kept as surrogates.
Files = Mapping[str, str]

#: The package under which files stand that belong to none: `platform.yaml`, `README.md`.
WHOLE = "platform"

_DIGEST = re.compile(r"([a-z0-9][a-z0-9._-]*)(?::[\w.-]+)?@(sha256:[0-9a-f]{64})")


@dataclass(frozen=True)
class Contents:
    """`manifests` by package, `images` by name, `repositories` of users as `ORG/NAME` -> ref -> commit.

    A package without files is not there. `extra` are files that idp did not render, as `REPOSITORY/PATH`.
    """

    manifests: Mapping[str, Files] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    repositories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    deployments: Files = field(default_factory=dict)
    catalogue: Files = field(default_factory=dict)
    templates: Files = field(default_factory=dict)
    extra: Files = field(default_factory=dict)


def contents(
    repositories: Mapping[str, Files],
    written: Mapping[str, Collection[str]],
    refs: Mapping[str, Mapping[str, str]],
) -> Contents:
    """Sort the files of the platform's own repositories; `written` are those that idp rendered."""
    ours = {
        name: {path: text for path, text in files.items() if path in written[name] and path != tree.RECORD}
        for name, files in repositories.items()
    }
    theirs = {
        name: {
            path: text for path, text in files.items() if path not in written[name] and path != tree.RECORD
        }
        for name, files in repositories.items()
    }
    manifests: dict[str, dict[str, str]] = {}
    for path, text in ours["platform"].items():
        manifests.setdefault(package_of(path), {})[path] = text
    extra = {
        f"{name}/{path}": text
        for name, files in theirs.items()
        if name != "deployments"
        for path, text in files.items()
    }
    images = digests([*ours["platform"].values(), *ours.get("templates", {}).values()])
    return Contents(
        manifests,
        images,
        refs,
        theirs.get("deployments", {}),
        ours.get("catalog", {}),
        ours.get("templates", {}),
        extra,
    )


def package_of(path: str) -> str:
    """The package that a file of the platform repository belongs to."""
    folder, _, rest = path.partition("/")
    if folder == "packages" and "/" in rest:
        return rest.partition("/")[0]
    if folder == "applications" and rest:
        return rest.removesuffix(".yaml")
    return WHOLE


def digests(texts: Iterable[str]) -> dict[str, str]:
    """Image name -> digest of every reference by digest; several of one name stand side by side."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for name, digest in _DIGEST.findall(text):
            found.setdefault(name, set()).add(digest)
    return {name: " ".join(sorted(several)) for name, several in sorted(found.items())}


def decoded(content: bytes) -> str:
    return content.decode(errors="surrogateescape")


def encoded(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
