"""The bundle stage: a plan's images, node image, tools and upstream manifests, locked and at hand.

`build` makes or completes it, `load` finds the one that was made, `export` and `import_` carry it to a
machine without a network. `bootstrap.bundle.store` gives it to a node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootstrap.bundle.sources import Source

if TYPE_CHECKING:
    from pathlib import Path

    from bootstrap.bundle.lock import Lock
    from bootstrap.model import Manifests, Plan
    from bootstrap.progress import Reporter

__all__ = ["Source", "build", "export", "import_", "load", "upstream_manifests"]


def build(plan: Plan, source: Source, reporter: Reporter) -> Lock:
    """Bring everything that the plan needs into the cache and lock it; what is there is not made again."""
    from bootstrap.bundle import session

    return session.build(plan, source, reporter)


def load(plan: Plan) -> Lock:
    """The lock of the plan's stack as it was last built or imported. Raises IDP-B007 where there is none."""
    from bootstrap.bundle import session

    return session.load(plan)


def upstream_manifests(plan: Plan) -> dict[str, Manifests]:
    """Package name -> its upstream manifests, for rendering. Raises IDP-B007 before they were fetched."""
    from bootstrap.bundle import manifests

    return {p.name: manifests.load(p) for p in plan.packages if p.upstream_manifests}


def export(plan: Plan, file: Path, reporter: Reporter) -> None:
    """Write the bundle of the plan's stack into one file; `.gz` and `.zst` names compress it."""
    from bootstrap.bundle import session

    session.export(plan, file, reporter)


def import_(file: Path, reporter: Reporter) -> Lock:
    """Take in a bundle file, checking every digest. Raises IDP-B008 where it is none or incomplete."""
    from bootstrap.bundle import session

    return session.import_(file, reporter)
