"""What one platform has brought to another: by it, what came from there is told from what is the other's own.

Pure. A thing is a file (`REPOSITORY/PATH`, by its blob) or a branch or tag (`ORG/NAME:REF`, by what it leads
to). While a promotion is under way, a thing may be as before or as after it, so each has several values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

Ledger = Mapping[str, tuple[str, ...]]


def parsed(content: bytes) -> Ledger:
    """The ledger in a file; an empty one where that is missing or spoilt."""
    try:
        found = json.loads(content or b"{}")
        return {str(thing): tuple(map(str, values)) for thing, values in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def text(ledger: Ledger) -> str:
    return json.dumps({thing: list(ledger[thing]) for thing in sorted(ledger)}, indent=1) + "\n"


def widened(ledger: Ledger, coming: Iterable[tuple[str, str]]) -> Ledger:
    """The ledger in which these values count as well."""
    merged = dict(ledger)
    for thing, value in coming:
        merged[thing] = tuple(dict.fromkeys((*merged.get(thing, ()), value)))
    return merged


def settled(ledger: Ledger, coming: Iterable[tuple[str, str]], gone: Iterable[str]) -> Ledger:
    """The ledger in which only these values count for these things, and others are forgotten."""
    dropped = set(gone)
    kept = {thing: values for thing, values in ledger.items() if thing not in dropped}
    return {**kept, **{thing: (value,) for thing, value in coming}}


def of_file(repository: str, path: str) -> str:
    return f"{repository}/{path}"


def of_ref(repository: str, ref: str) -> str:
    return f"{repository}:{ref}"
