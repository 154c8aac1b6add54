"""What outlives a platform whose data is kept, as its recorded state tells; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bootstrap.cloud.kept import Kept
from stacks.engine import CLUSTER
from stacks.state import Recorded

#: Types that are kept, by their beginning: generated credentials, keys with their aliases, buckets.
#: Snapshots are encrypted with the key, and the database's password is among the credentials.
KEPT = ("pulumi-python:dynamic/idp:Credentials", "aws:kms/", "aws:s3/", "pulumi:providers:aws")
_STACK = "pulumi:pulumi:Stack"
_BUCKET = "aws:s3/bucket:Bucket"
_DATABASE = "aws:rds/instance:Instance"
#: Names of volumes that are made from snapshots begin so.
RESTORED = "restored/"


def doomed(recorded: Recorded) -> list[str]:
    """URNs to destroy: all but what is kept and what that depends on.

    Nothing among them is depended on by what is kept, so that Pulumi need not be told to destroy dependents.
    """
    staying = kept(recorded)
    return list(dict.fromkeys(r["urn"] for r in recorded.resources if r["urn"] not in staying))


def kept(recorded: Recorded) -> frozenset[str]:
    """URNs of what is kept, of all that it depends on, and of the stack itself."""
    by_urn = {r["urn"]: r for r in recorded.resources}
    staying: set[str] = set()
    pending = [r["urn"] for r in recorded.resources if r["type"] == _STACK or r["type"].startswith(KEPT)]
    while pending:
        urn = pending.pop()
        if urn in by_urn and urn not in staying:
            staying.add(urn)
            pending.extend(_needed(by_urn[urn]))
    return frozenset(staying)


def buckets(recorded: Recorded) -> list[str]:
    """Names of the buckets that the stack has made."""
    live = [r for r in recorded.resources if r["type"] == _BUCKET and not r.get("delete")]
    return sorted({name for r in live if (name := (r.get("outputs") or {}).get("bucket"))})


def restorable(recorded: Recorded, found: Kept) -> Kept:
    """What of the kept data a run of this state may restore: what is not there already.

    A `down` that was killed after it kept the data leaves a platform with its data; that takes precedence.
    """
    live = {str(r["urn"]).rpartition("::")[2]: r["type"] for r in recorded.resources if not r.get("delete")}
    has_database = _DATABASE in live.values()
    # A run that continues finds its volumes in the state, and must not forget them before it has ended.
    has_volumes = CLUSTER in live and not any(name.startswith(RESTORED) for name in live)
    return Kept(
        found.at,
        "" if has_database else found.database,
        () if has_volumes else found.volumes,
    )


def _needed(resource: Mapping[str, Any]) -> Iterator[str]:
    """URNs that a resource cannot be without."""
    yield str(resource.get("provider") or "").rpartition("::")[0]
    yield str(resource.get("parent") or "")
    yield str(resource.get("deletedWith") or "")
    yield from resource.get("dependencies") or ()
    for urns in (resource.get("propertyDependencies") or {}).values():
        yield from urns or ()
