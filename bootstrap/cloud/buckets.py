"""Empty buckets, versions and all: S3 deletes none that holds anything."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import islice
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
    """Round by round from the start of the list: whatever is written meanwhile goes as well."""
    removed = said = 0
    while batches := _first(s3, name):
        removed += _remove(s3, name, batches)
        if removed - said >= _SAY:
            said = removed
            step.note(f"{removed} removed")
    return removed


def _first(s3: Any, name: str) -> list[list[dict[str, str]]]:
    """The first versions and markers in the bucket's list, in batches; none where there is no such bucket."""
    from botocore.exceptions import ClientError

    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=name, PaginationConfig={"PageSize": _BATCH}
    )
    with explained(f"listing the bucket {name}"):
        try:
            listed = list(islice(pages, _AT_ONCE))
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return []
            raise
    batches = [[*page.get("Versions", ()), *page.get("DeleteMarkers", ())] for page in listed]
    return [[{"Key": o["Key"], "VersionId": o["VersionId"]} for o in batch] for batch in batches if batch]


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
