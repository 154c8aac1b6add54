"""Take over the rows of a model that another server has exported.

What the source has is here as there afterwards; what is here besides stays. Experiments are one by name. The
alias `production` is never touched: it is decided on each platform.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any

import idp_transfer_digests as digests
import idp_transfer_tables as tables
import sqlalchemy as sa
from idp_transfer_tables import Connection, Row, Rows
from sqlalchemy.dialects.postgresql import insert


def bring(connection: Connection, name: str, given: Mapping[str, Any]) -> dict[str, int]:
    """Write what another server has exported; the same once more changes nothing."""
    tables.lock(connection)
    if given["schema"] != (own := digests.schema(connection)):
        raise tables.RefusedError(f"the rows are of schema {given['schema']}, this database is of {own}")
    rows = _unpacked(given["rows"])
    if {row["name"] for row in rows["registered_models"]} != {name}:
        raise tables.RefusedError(f"these are no rows of {name}")
    _refuse_diverged(tables.read(connection, "model_versions", name=[name]), rows["model_versions"], name)
    experiments = _bring_experiments(connection, rows)
    placed = {
        table: [_placed(row, experiments) for row in some]
        for table, some in rows.items()
        if not table.startswith("experiment")
    }
    _bring_things(connection, placed)
    _bring_model(connection, name, placed)
    return {table: len(some) for table, some in rows.items()}


def _refuse_diverged(own: Sequence[Row], theirs: Sequence[Row], name: str) -> None:
    """Where a version is deleted on one side, there is nothing that could be mistaken for another one."""
    known = {row["version"]: row for row in theirs}
    foreign = sorted(
        row["version"]
        for row in own
        if row["current_stage"] != tables.DELETED and not _same(row, known.get(row["version"]))
    )
    if foreign:
        numbers = ", ".join(map(str, foreign))
        raise tables.RefusedError(
            f"{name} has diverged: its versions {numbers} are none of those that are to come"
        )


def _same(own: Row, other: Row | None) -> bool:
    if other is None or other["current_stage"] == tables.DELETED:
        return other is not None
    keys = ("run_id",) if own["run_id"] or other["run_id"] else ("source", "creation_time")
    return all(own[key] == other[key] for key in keys)


def _placed(row: Row, experiments: Mapping[int, int]) -> Row:
    return {**row, "experiment_id": experiments[row["experiment_id"]]} if "experiment_id" in row else row


def _bring_experiments(connection: Connection, rows: Rows) -> dict[int, int]:
    """The experiments by name; answers the number here of each number there."""
    names = [row["name"] for row in rows["experiments"]]
    here = {row["name"]: row for row in tables.read(connection, "experiments", name=names)}
    if any(name not in here for name in names):
        # Nobody else makes one until this is done: numbers are given by hand.
        connection.execute(sa.text("LOCK TABLE experiments IN SHARE ROW EXCLUSIVE MODE"))
        here = {row["name"]: row for row in tables.read(connection, "experiments", name=names)}
    numbers: dict[int, int] = {}
    table = tables.TABLES["experiments"]
    for row in rows["experiments"]:
        if found := here.get(row["name"]):
            number = found["experiment_id"]
            stage = {"lifecycle_stage": row["lifecycle_stage"], "last_update_time": row["last_update_time"]}
            if found["lifecycle_stage"] != row["lifecycle_stage"]:
                connection.execute(sa.update(table).where(table.c.experiment_id == number).values(stage))
        else:
            number = _free_number(connection, row["experiment_id"])
            connection.execute(sa.insert(table).values({**row, "experiment_id": number}))
        numbers[row["experiment_id"]] = number
    tables.upsert(connection, "experiment_tags", [_placed(row, numbers) for row in rows["experiment_tags"]])
    return numbers


def _free_number(connection: Connection, wanted: int) -> int:
    """The number itself if nobody has it, else the next one; the sequence never gives it again."""
    table = tables.TABLES["experiments"]
    taken = connection.scalar(sa.select(table.c.name).where(table.c.experiment_id == wanted)) is not None
    sequence = "pg_get_serial_sequence('experiments', 'experiment_id')"
    if taken:
        return int(connection.scalar(sa.text(f"SELECT nextval({sequence})")))
    ahead = sa.text(
        f"SELECT setval({sequence}, GREATEST(nextval({sequence}), "  # noqa: S608 - no value of anybody's
        "(SELECT max(experiment_id) FROM experiments), :wanted))"
    )
    connection.execute(ahead, {"wanted": wanted})
    return wanted


def _bring_things(connection: Connection, rows: Rows) -> None:
    """Each run and logged model as it is there, with nothing of what was here before."""
    runs = [row["run_uuid"] for row in rows["runs"]]
    logged = [row["model_id"] for row in rows["logged_models"]]
    tables.clear(connection, runs, logged)
    datasets = _bring_datasets(connection, rows["datasets"])
    inputs = [
        {**row, "source_id": datasets.get(row["source_id"], row["source_id"])} for row in rows["inputs"]
    ]
    metrics = [
        {**row, "dataset_uuid": datasets.get(row["dataset_uuid"], row["dataset_uuid"])}
        for row in rows["logged_model_metrics"]
    ]
    changed: dict[str, Sequence[Row]] = {**rows, "inputs": inputs, "logged_model_metrics": metrics}
    for table in ("runs", *tables.OF_RUNS, "inputs", "input_tags", "logged_models", *tables.OF_LOGGED):
        tables.upsert(connection, table, changed[table])


def _bring_datasets(connection: Connection, rows: Sequence[Row]) -> dict[str, str]:
    """A data set is one by experiment, name and digest; answers the id here of each id there."""
    table = tables.TABLES["datasets"]
    key = ("experiment_id", "name", "digest")
    fresh = insert(table).on_conflict_do_nothing(index_elements=key)
    for some in batched(rows, tables.AT_ONCE):
        connection.execute(fresh, list(some))
    # Without their schemas and profiles, which may be large.
    columns = (table.c.dataset_uuid, *(table.c[k] for k in key))
    experiments = {row["experiment_id"] for row in rows}
    asked = sa.select(*columns).where(table.c.experiment_id.in_(experiments))
    here = {tuple(given): own for own, *given in connection.execute(asked)}
    return {row["dataset_uuid"]: here[tuple(row[k] for k in key)] for row in rows}


def _bring_model(connection: Connection, name: str, rows: Rows) -> None:
    own = tables.read(connection, "model_versions", name=[name])
    live = {row["version"] for row in own if row["current_stage"] != tables.DELETED}
    # What is deleted there stays here: a transfer takes no version away.
    kept = {row["version"] for row in rows["model_versions"] if row["current_stage"] == tables.DELETED} & live
    versions = [row for row in rows["model_versions"] if row["version"] not in kept]
    tables.upsert(connection, "registered_models", rows["registered_models"])
    tables.replace(connection, "registered_model_tags", rows["registered_model_tags"], name=[name])
    tables.upsert(connection, "model_versions", versions)
    tags = [row for row in rows["model_version_tags"] if row["version"] not in kept]
    table = tables.TABLES["model_version_tags"]
    brought = [row["version"] for row in versions]
    connection.execute(sa.delete(table).where(*tables.of_name(table, name), table.c.version.in_(brought)))
    tables.upsert(connection, "model_version_tags", tags)
    aliases = [row for row in rows["registered_model_aliases"] if not tables.is_production(row["alias"])]
    _bring_aliases(connection, name, {row["alias"]: row["version"] for row in aliases})


def _bring_aliases(connection: Connection, name: str, wanted: Mapping[str, int]) -> None:
    table = tables.TABLES["registered_model_aliases"]
    for row in tables.read(connection, table.name, name=[name]):
        if row["alias"] not in wanted and not tables.is_production(row["alias"]):
            where = (*tables.of_name(table, name), table.c.alias == row["alias"])
            connection.execute(sa.delete(table).where(*where))
    rows = [
        {"workspace": tables.WORKSPACE, "name": name, "alias": a, "version": v} for a, v in wanted.items()
    ]
    tables.upsert(connection, table.name, rows)


def _unpacked(packed: Mapping[str, Any]) -> dict[str, list[Row]]:
    return {
        table: [dict(zip(some["columns"], row, strict=True)) for row in some["rows"]]
        for table, some in packed.items()
    }
