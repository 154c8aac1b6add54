"""What brings a repository back to how it was before a promotion. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bootstrap.promotion.record import Refs

Tree = Mapping[str, str]


@dataclass(frozen=True)
class Back:
    """Path -> blob that a file is to have again, None where it is to go; and what was changed since."""

    files: Mapping[str, str | None]
    changed_since: tuple[str, ...] = ()


def files(before: Tree, after: Tree, now: Tree) -> Back:
    """From what a repository holds now to what it held before; only what the promotion changed goes back."""
    back: dict[str, str | None] = {}
    since = []
    for path in sorted({*before, *after}):
        old, new, found = before.get(path), after.get(path), now.get(path)
        if old == new or found == old:
            continue
        if found == new:
            back[path] = old
        else:
            since.append(path)
    return Back(back, tuple(since))


def refs(moved: Refs, now: Mapping[str, str]) -> Back:
    """Ref -> what it is to lead to again, None where it is to go."""
    return files(moved.before, moved.after, now)
