"""Can this account hold the platform, and if not, what would change that? Asked before anything changes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bootstrap.cloud import foundation, survey, verdict
from bootstrap.cloud.delegation import Dns, Resolver
from bootstrap.cloud.session import Account, Aws
from bootstrap.cloud.verdict import Wanted
from bootstrap.finding import Finding
from bootstrap.model import Plan


def check(
    aws: Aws,
    plan: Plan,
    account: Account,
    *,
    existing: bool,
    now: datetime,
    unfit_zones: Collection[str] = (),
    resolver: Resolver | None = None,
) -> tuple[Finding, ...]:
    """Everything about the account, for a plan that has been located there; takes some seconds.

    `existing`: the platform stands there already, so that its names and its share of quotas are its own.
    `unfit_zones` are ids of zones in which EKS places nothing. Raises IDP-C002 to C004 and C007.
    """
    if plan.cloud is None:
        raise ValueError("a plan for the cloud has a profile; planning refuses one without")
    wanted = Wanted(
        plan.target.name,
        account.region,
        plan.facts.domain,
        plan.cloud,
        foundation.bucket_name(account),
        account.minutes_left(now),
        existing,
        unfit_zones,
    )
    return verdict.judge(survey.look(aws, plan, account, resolver or Dns(), existing), wanted)
