"""What the portal must show: made by the seed, asked for by readiness."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """Entity references such as `component:default/gitea`; `documented` ones have pages."""

    entities: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    documented: tuple[str, ...] = ()
