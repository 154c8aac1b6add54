"""What `idp status` shows: one quick pass over checks and Applications."""

from __future__ import annotations

from bootstrap import access, kube, ready, recall, seed, why
from bootstrap.errors import IdpError
from bootstrap.model import Application, Check, Plan, Status


def status(name: str) -> Status:
    """The state of an instance. A cluster that does not answer is a failed check, not an error."""
    return of(recall.plan_of(name))


def of(plan: Plan) -> Status:
    """The state of a plan's platform."""
    try:
        checks, applications = ready.check(plan, seed.expected(plan)), _applications(plan)
    except IdpError as error:
        checks = [Check("cluster", False, f"{error.what}: {error.why}" if error.why else error.what)]
        applications = []
    return summary(plan, checks, applications)


def after(plan: Plan, checks: list[Check]) -> Status:
    """The state right after `up` saw every check succeed."""
    return summary(plan, checks, _applications(plan))


def summary(plan: Plan, checks: list[Check], applications: list[Application]) -> Status:
    """Put together what was found. Pure."""
    return Status(
        name=plan.facts.name,
        target=plan.target.kind,
        checks=checks,
        applications=applications,
        endpoints={p.endpoint.host: plan.facts.url(p.endpoint.host) for p in plan.packages if p.endpoint},
    )


def _applications(plan: Plan) -> list[Application]:
    with access.cluster(plan) as cluster:
        return sorted((why.application(a) for a in cluster.list(kube.APPLICATION)), key=lambda a: a.name)
