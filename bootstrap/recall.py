"""From the name of an instance to its plan, as `up` resolved it."""

from __future__ import annotations

from bootstrap import instance, plan
from bootstrap.model import Plan


def plan_of(name: str) -> Plan:
    """The plan of an instance that `up` made on this machine. Raises IDP-I002 where there is none."""
    known = instance.get(name)
    return plan.load(
        known.stack,
        instance.where(known),
        known.size,
        known.https_port,
        known.profile,
        known.domain,
        known.allow,
    )
