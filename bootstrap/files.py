"""Files that hold what only their owner may read."""

from __future__ import annotations

import os
from pathlib import Path


def private(file: Path, text: str) -> None:
    """Write a file, as a whole or not at all, that only the user can read."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = file.with_name(f"{file.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    temporary.replace(file)
