"""From the record of an instance to its plan."""

from __future__ import annotations

from bootstrap import instance, plan
from bootstrap.instance import Instance
from bootstrap.model import Plan


def plan_of(name: str) -> Plan:
    """The plan of an instance that `up` made on this machine. Raises IDP-I002 where there is none."""
    return planned(instance.get(name))


def planned(here: Instance) -> Plan:
    """What that record means."""
    return plan.load(
        here.stack,
        instance.where(here),
        here.size,
        here.https_port,
        here.profile,
        here.domain,
        here.allow,
    )
