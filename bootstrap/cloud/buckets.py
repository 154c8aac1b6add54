"""Empty buckets, versions and all: S3 deletes none that holds anything."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from bootstrap import parallel
from bootstrap.cloud.session import Aws, explained
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter, Step

#: S3 takes at most so many objects per request (S3 API reference, DeleteObjects).
_BATCH = 1000
#: Requests at a time and bucket, and after how many objects to say something.
_AT_ONCE, _SAY = 8, 20_000
_MISSING = ("NoSuchBucket", "404")


def empty(aws: Aws, names: Iterable[str], reporter: Reporter) -> int:
    """Remove every version of every object; returns how many. A bucket that is gone is empty.

    Raises IDP-C052 with what S3 would not remove, an object under a lock for instance.
    """
    removed = 0
    for name in sorted(names):
        with reporter.step(f"empty the bucket {name}") as step:
            removed += _empty(aws.client("s3"), name, step)
    return removed


def _empty(s3: Any, name: str, step: Step) -> int:
    removed = said = 0
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=name, PaginationConfig={"PageSize": _BATCH}
    )
    waiting: list[list[dict[str, str]]] = []
    for page in _present(pages, name):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if found:
            waiting.append([{"Key": o["Key"], "VersionId": o["VersionId"]} for o in found])
        if len(waiting) >= _AT_ONCE:
            removed, waiting = removed + _remove(s3, name, waiting), []
        if removed - said >= _SAY:
            said = removed
            step.note(f"{removed} removed")
    return removed + _remove(s3, name, waiting)


def _present(pages: Any, name: str) -> Any:
    """The pages of a bucket's list; none where there is no such bucket."""
    from botocore.exceptions import ClientError

    with explained(f"listing the bucket {name}"):
        try:
            yield from pages
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MISSING:
                raise


def _remove(s3: Any, name: str, batches: list[list[dict[str, str]]]) -> int:
    """Remove some batches at the same time."""
    faults = [
        fault for found in parallel.gather(partial(_batch, s3, name, b) for b in batches) for fault in found
    ]
    if faults:
        raise IdpError(
            "IDP-C052",
            f"the bucket {name} cannot be emptied",
            "S3 does not remove some of its objects",
            f"aws s3api list-object-versions --bucket {name}   # then run the command again",
            faults[:20],
        )
    return sum(map(len, batches))


def _batch(s3: Any, name: str, objects: list[dict[str, str]]) -> list[str]:
    with explained(f"emptying the bucket {name}"):
        answer = s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
    return [
        f"{e.get('Key')}: {e.get('Code')} {e.get('Message', '')}".strip() for e in answer.get("Errors", ())
    ]
