"""What to change in a Git repository so that it holds what we want. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

#: In every repository that `idp` writes: the paths that it wrote. Nothing else is ever deleted.
RECORD = ".idp/files.json"

Operation = Literal["create", "update", "delete"]


@dataclass(frozen=True)
class Change:
    """One file of a commit; `replaces` is the blob that an update or a deletion expects to find."""

    operation: Operation
    path: str
    content: bytes = b""
    replaces: str = ""


def blob(content: bytes) -> str:
    """Git's name for a file's content: SHA-1 over a header and the bytes."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def recorded(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files and the record that lists them."""
    paths = sorted({*files, RECORD})
    return {**files, RECORD: (json.dumps(paths, indent=1) + "\n").encode()}


def written(record: bytes) -> frozenset[str]:
    """The paths in a record; none where it is not there or spoilt."""
    try:
        paths = json.loads(record or b"[]")
    except ValueError:
        return frozenset()
    return (
        frozenset(path for path in paths if isinstance(path, str)) if isinstance(paths, list) else frozenset()
    )


def changes(local: Mapping[str, bytes], remote: Mapping[str, str], ours: Collection[str]) -> list[Change]:
    """From the repository `remote` (path -> blob) to the files `local`; sorted by path.

    Files that are not in `local` go only where they are `ours`, so that users' additions survive.
    """
    wanted = {path: blob(content) for path, content in local.items()}
    kept = [
        Change("update", path, local[path], remote[path])
        if path in remote
        else Change("create", path, local[path])
        for path, name in wanted.items()
        if remote.get(path) != name
    ]
    dropped = [
        Change("delete", path, replaces=remote[path]) for path in remote if path in ours and path not in local
    ]
    return sorted([*kept, *dropped], key=lambda change: change.path)
