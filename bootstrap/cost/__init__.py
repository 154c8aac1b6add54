"""What a cloud platform costs, before it is made: an estimate from a profile and a table of prices.

`prices` reads the table, `estimate` is pure, `words` says it to people, `refresh` asks AWS for prices of
today. `of_plan` is what `idp up --cloud` needs before it asks for consent.
"""

from __future__ import annotations

from bootstrap.cost.estimate import Estimate
from bootstrap.cost.words import summary
from bootstrap.model import Plan

__all__ = ["Estimate", "of_plan", "summary"]


def of_plan(plan: Plan, region: str, ttl: str = "") -> Estimate:
    """The estimate of a plan for the cloud, for its time to live or the profile's.

    Raises IDP-C061 (a price is unknown), IDP-C062 (not a region), IDP-C063 (a table that cannot be read),
    IDP-C030 (no time to live).
    """
    from bootstrap.cost import prices
    from bootstrap.cost.estimate import estimate

    if plan.cloud is None:
        raise ValueError("only a plan for the cloud has a profile to estimate")
    return estimate([plan.cloud], region, prices.load(), len(plan.databases), ttl)[0]
