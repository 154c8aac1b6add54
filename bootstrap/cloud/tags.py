"""The tags that everything in the cloud carries, so that it can be counted, found and removed."""

from __future__ import annotations

from bootstrap import __version__
from bootstrap.model import Plan

PREFIX = "idp"
INSTANCE, STACK, COMMIT = f"{PREFIX}:instance", f"{PREFIX}:stack", f"{PREFIX}:commit"
OWNER, EXPIRES, MANAGED_BY = f"{PREFIX}:owner", f"{PREFIX}:expires", f"{PREFIX}:managed-by"
PURPOSE = f"{PREFIX}:purpose"


def tags(instance: str, stack: str, commit: str, owner: str, expires: str | None = None) -> dict[str, str]:
    """The tags of one platform; `expires` (ISO 8601, UTC) only where it has a time to live."""
    found = {INSTANCE: instance, STACK: stack, COMMIT: commit, OWNER: owner, MANAGED_BY: PREFIX}
    return {**found, EXPIRES: expires} if expires else found


def of(plan: Plan, owner: str, expires: str = "") -> dict[str, str]:
    """The tags of a plan's platform; `owner` is whose credentials make it."""
    return tags(plan.target.name, plan.stack, __version__, owner, expires)
