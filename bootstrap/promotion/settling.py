"""Wait until a platform runs what its Git holds: what was moved has arrived."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bootstrap import kube, why
from bootstrap.errors import IdpError
from bootstrap.progress import Step
from bootstrap.promotion.moves import source_of_object

#: The application from which Argo CD makes one for each service.
_DEPLOYMENTS = "deployments"


def wait(
    cluster: kube.Cluster,
    services: Collection[str],
    gone: Collection[str],
    heads: Mapping[str, str],
    step: Step,
    timeout: float = 600,
) -> int:
    """Return how many applications have settled, once all of them have.

    `services` have to be there and `gone` not; `heads` are the newest commits of users' repositories, which
    their applications have to be at. Raises IDP-M014 after `timeout` seconds.
    """
    if not services and not gone and not heads:
        return 0
    cluster.refresh_applications(outdated(cluster.list(kube.APPLICATION), services, gone, heads))
    waited = lambda found: unsettled(found, services, gone, heads)  # noqa: E731
    try:
        found = cluster.wait_for(
            kube.APPLICATION, waited, lambda text: step.note(f"waiting for {text}"), timeout
        )
    except IdpError as error:
        if error.code != "IDP-K003":
            raise
        raise IdpError(
            "IDP-M014",
            f"what was promoted does not run within {timeout:.0f} s",
            "everything was moved; Argo CD has not brought all of it about",
            "run the same again: it goes on waiting",
            error.faults + complaints(cluster.list(kube.APPLICATION), services, heads),
        ) from error
    return len([one for one in found if concerned(one, services, heads)])


def outdated(
    found: Sequence[Mapping[str, Any]],
    services: Collection[str],
    gone: Collection[str],
    heads: Mapping[str, str],
) -> list[str]:
    """Applications for which there is something new in Git: a look at all costs more than the promotion."""
    names = [one["metadata"]["name"] for one in found if concerned(one, services, heads)]
    return [_DEPLOYMENTS, *names] if services or gone else names


def unsettled(
    found: Sequence[Mapping[str, Any]],
    services: Collection[str],
    gone: Collection[str],
    heads: Mapping[str, str],
) -> list[str]:
    """What is still missing, in words."""
    names = {one["metadata"]["name"] for one in found}
    lines = [f"{name} (not there yet)" for name in sorted(set(services) - names)]
    lines += [f"{name} (still there)" for name in sorted(set(gone) & names)]
    for one in found:
        if concerned(one, services, heads) and (said := _behind(one, heads)):
            lines.append(said)
    return lines


def complaints(
    found: Sequence[Mapping[str, Any]], services: Collection[str], heads: Mapping[str, str]
) -> list[str]:
    """What Argo CD has against what was moved, in its own words."""
    ours = [one for one in found if concerned(one, services, heads)]
    return [said for one in ours if (said := why.complaint(dict(one)))]


def concerned(one: Mapping[str, Any], services: Collection[str], heads: Mapping[str, str]) -> bool:
    return one["metadata"]["name"] in services or source_of_object(one) in heads


def _behind(one: Mapping[str, Any], heads: Mapping[str, str]) -> str:
    name, status = one["metadata"]["name"], one.get("status") or {}
    at = (status.get("sync") or {}).get("revision", "")
    wanted = heads.get(source_of_object(one), at)
    shown = why.application(dict(one))
    if at != wanted:
        return f"{name} (at {at[:7] or 'nothing'}, not yet at {wanted[:7]})"
    settled = (shown.sync, shown.health) == ("Synced", "Healthy")
    return "" if settled else f"{name} ({shown.sync}, {shown.health})"
