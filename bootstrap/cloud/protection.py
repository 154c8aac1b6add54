"""Deletion protection: what guards a production platform, and how `down` gets past it without losing data.

`down` lifts it after the data was kept. Data itself is never deleted from behind it: that takes a second
command, given when the database is gone and only what was kept of it is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bootstrap.cloud.session import Aws, explained
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter

_PAUSE, _TIMEOUT = 5.0, 600.0
_MISSING = ("DBInstanceNotFound", "DBInstanceNotFoundFault", "ResourceNotFoundException")
DATABASE, CLUSTER = "database", "cluster"


def protected(aws: Aws, name: str) -> tuple[str, ...]:
    """Which of `database` and `cluster` AWS protects from deletion; what does not exist is not."""
    database, cluster = _database(aws, name), _cluster(aws, name)
    found = {
        DATABASE: database.get("DeletionProtection") and database.get("DBInstanceStatus") != "deleting",
        CLUSTER: cluster.get("deletionProtection") and cluster.get("status") != "DELETING",
    }
    return tuple(what for what, is_so in found.items() if is_so)


def refuse(aws: Aws, name: str) -> None:
    """Raises IDP-C053 where data is to be deleted from behind protection."""
    if found := protected(aws, name):
        raise IdpError(
            "IDP-C053",
            f"`{name}` is protected from deletion, and its data with it",
            f"AWS protects: {', '.join(found)}",
            f"idp down --cloud --name {name}   # keeps its data\n"
            f"idp down --cloud --name {name} --delete-data   # then deletes what was kept",
        )


def lift(aws: Aws, name: str, reporter: Reporter, *, pause: Callable[[float], None] = time.sleep) -> None:
    """Let what is protected be deleted; to be called when the data is kept, right before the destroy."""
    found = protected(aws, name)
    if not found:
        return
    with reporter.step("lift the protection from deletion") as step:
        if DATABASE in found:
            with explained("lifting the database's protection"):
                aws.client("rds").modify_db_instance(
                    DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True
                )
        if CLUSTER in found:
            with explained("lifting the cluster's protection"):
                aws.client("eks").update_cluster_config(name=name, deletionProtection=False)
        step.note(f"of {', '.join(found)}; waiting up to {_TIMEOUT / 60:.0f} minutes for AWS to do it")
        deadline = time.monotonic() + _TIMEOUT
        while left := _unready(aws, name):
            if time.monotonic() > deadline:
                raise IdpError(
                    "IDP-C055",
                    "the protection from deletion could not be lifted",
                    f"after {_TIMEOUT / 60:.0f} minutes: {', '.join(left)}",
                    f"idp down --cloud --name {name}   # it continues",
                )
            pause(_PAUSE)


def _unready(aws: Aws, name: str) -> tuple[str, ...]:
    """What is still protected, or still being changed and refuses to be deleted because of it."""
    changing = _cluster(aws, name).get("status") == "UPDATING"
    return protected(aws, name) + (("the cluster is being updated",) if changing else ())


def _database(aws: Aws, name: str) -> dict[str, Any]:
    instances = _found(
        "looking for the database",
        lambda: aws.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"],
    )
    return dict(instances[0]) if instances else {}


def _cluster(aws: Aws, name: str) -> dict[str, Any]:
    return dict(
        _found("looking for the cluster", lambda: aws.client("eks").describe_cluster(name=name)["cluster"])
        or {}
    )


def _found(deed: str, ask: Callable[[], Any]) -> Any:
    from botocore.exceptions import ClientError

    with explained(deed):
        try:
            return ask()
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
