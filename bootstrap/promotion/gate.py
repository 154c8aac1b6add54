"""What has to hold before a promotion may take place: the stack definition says it for each edge.

A target that is named in the list takes promotions by the listed edges only; any other takes all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bootstrap import why
from bootstrap.errors import IdpError
from bootstrap.giteareviews import Review
from bootstrap.model import Edge
from bootstrap.promotion.record import Consent, Person, Verdict

Object = Mapping[str, Any]

#: So many things are named in a detail.
_NAMED = 3


@dataclass(frozen=True)
class Seen:
    """What checks look at: Applications and pipeline runs of the source, and what was said of signatures."""

    applications: Sequence[Object]
    runs: Sequence[Object]
    signatures: Callable[[], Sequence[str]]


def edge(edges: Sequence[Edge], source: str, target: str) -> Edge:
    """What the way from one platform to another requires. Raises IDP-M015 where it is closed."""
    leading = [one for one in edges if fnmatchcase(target, one.target)]
    found = next((one for one in leading if fnmatchcase(source, one.source)), None)
    if found or not leading:
        return found or Edge(source, target)
    known = ", ".join(sorted({one.source for one in leading}))
    raise IdpError(
        "IDP-M015",
        f"`{target}` takes no promotion from `{source}`",
        f"its stack definition lists promotions to it from {known}",
        f"idp promote --from {leading[0].source} --to {target}",
    )


def healthy(seen: Seen) -> Verdict:
    """Does everything run on the source as its Git says?"""
    ill = [said for one in seen.applications if (said := why.complaint(dict(one)))]
    return _verdict("healthy", ill, f"{len(seen.applications)} applications are synced and healthy")


def tests(seen: Seen) -> Verdict:
    """Has the newest run of every pipeline succeeded?"""
    newest: dict[str, Object] = {}
    for run in seen.runs:
        namespace = run["metadata"]["namespace"]
        if _began(run) >= _began(newest.get(namespace)):
            newest[namespace] = run
    failed = [
        f"{run['metadata']['name']} {(run.get('status') or {}).get('phase') or 'has not begun'}"
        for run in newest.values()
        if (run.get("status") or {}).get("phase") != "Succeeded"
    ]
    return _verdict("tests", failed, f"the newest runs of {len(newest)} pipelines succeeded")


def signed(seen: Seen) -> Verdict:
    """Are the images in the target's registry, and do their signatures verify?"""
    try:
        faults = seen.signatures()
    except IdpError as error:
        faults = [error.what]
    return _verdict("signed", faults, "every image verifies in the registry of the target")


#: Checks by the names that stack definitions use.
CHECKS: Mapping[str, Callable[[Seen], Verdict]] = {"healthy": healthy, "tests": tests, "signed": signed}


def check(required: Edge, seen: Seen) -> tuple[Verdict, ...]:
    """All checks of an edge. Raises IDP-M016 with every one that fails."""
    verdicts = tuple(CHECKS[name](seen) for name in required.checks)
    failed = [f"{v.name}: {v.detail}" for v in verdicts if not v.passed]
    if failed:
        raise IdpError(
            "IDP-M016",
            f"{len(failed)} of {len(verdicts)} checks stand in the way of this promotion",
            f"the stack definition requires them from {required.source} to {required.target}",
            "put right what is listed, then run the same again",
            failed,
        )
    return verdicts


def consent(reviews: Sequence[Review], entitled: Collection[str], requester: Person) -> Consent | None:
    """The approval of a request by somebody else who may give one; None while there is none."""
    counted = [one for one in reviews if one.login in entitled and not _same(one, requester)]
    if any(not one.approves for one in counted):
        return None
    for one in counted:
        return Consent(by=Person(name=one.name, email=one.email), at=one.at, url=one.url)
    return None


def _same(review: Review, person: Person) -> bool:
    return review.email.casefold() == person.email.casefold()


def _verdict(name: str, faults: Sequence[str], good: str) -> Verdict:
    more = f" and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
    return Verdict(name=name, passed=not faults, detail="; ".join(faults[:_NAMED]) + more if faults else good)


def _began(run: Object | None) -> str:
    return str(run["metadata"]["creationTimestamp"]) if run else ""
