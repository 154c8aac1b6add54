"""Where Pulumi's backend keeps its files: a folder of this machine, or a bucket that many share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """Files by key; what is written is there whole or not at all."""

    def read(self, key: str) -> bytes | None:
        """The content, or None where there is none."""
        ...

    def write(self, key: str, content: bytes) -> None: ...

    def remove(self, key: str) -> None:
        """Remove a file; one that is not there is no error."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """All keys that begin so, sorted."""
        ...

    def versions(self, key: str) -> Iterator[bytes]:
        """Earlier contents, the latest first, where the store keeps any."""
        ...

    def place(self, key: str) -> str:
        """Where a file lies, for messages."""
        ...


class Folder:
    """Files below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, key: str) -> bytes | None:
        try:
            return (self.root / key).read_bytes()
        except OSError:
            return None

    def write(self, key: str, content: bytes) -> None:
        file = self.root / key
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f"{file.name}.new")
        temporary.write_bytes(content)
        temporary.replace(file)

    def remove(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)

    def keys(self, prefix: str) -> list[str]:
        head = prefix.rpartition("/")[0]
        found = (f.relative_to(self.root) for f in (self.root / head).rglob("*") if f.is_file())
        return sorted(key.as_posix() for key in found if key.as_posix().startswith(prefix))

    def versions(self, key: str) -> Iterator[bytes]:
        return iter(())

    def place(self, key: str) -> str:
        return str(self.root / key)
