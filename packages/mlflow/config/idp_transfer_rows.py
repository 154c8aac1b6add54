"""A registered model as rows: everything that belongs to it, and where its artifacts lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Any

import idp_transfer_digests as digests
import idp_transfer_tables as tables
from idp_transfer_objects import root
from idp_transfer_tables import Connection, Row, Rows


def export(connection: Connection, name: str, things: Sequence[str]) -> dict[str, Any]:
    """Rows, roots of artifacts in this server's bucket, and artifacts that lie elsewhere."""
    rows = _of_model(connection, name) | _of_things(connection, things)
    if not rows["registered_models"]:
        raise tables.RefusedError(f"there is no model {name}")
    roots, elsewhere = _places(rows)
    packed = {table: _packed(table, some) for table, some in rows.items()}
    return {"schema": digests.schema(connection), "rows": packed, "roots": roots, "elsewhere": elsewhere}


def _of_model(connection: Connection, name: str) -> dict[str, list[Row]]:
    experiments = digests.scope(connection, name).get(name, set())
    registry = (
        "registered_models",
        "registered_model_tags",
        "registered_model_aliases",
        "model_versions",
        "model_version_tags",
    )
    return {
        **{table: tables.read(connection, table, name=[name]) for table in registry},
        "experiments": tables.read(connection, "experiments", experiment_id=experiments),
        "experiment_tags": tables.read(connection, "experiment_tags", experiment_id=experiments),
    }


def _of_things(connection: Connection, things: Sequence[str]) -> dict[str, list[Row]]:
    inputs = [row for some in batched(things, tables.AT_ONCE) for row in tables.inputs(connection, some)]
    logged = {
        table: tables.read(connection, table, model_id=things)
        for table in ("logged_models", *tables.OF_LOGGED)
    }
    datasets = {row["source_id"] for row in inputs if row["source_type"] == "DATASET"}
    datasets |= {row["dataset_uuid"] for row in logged["logged_model_metrics"] if row["dataset_uuid"]}
    return {
        **{table: tables.read(connection, table, run_uuid=things) for table in ("runs", *tables.OF_RUNS)},
        **logged,
        "inputs": inputs,
        "input_tags": tables.read(connection, "input_tags", input_uuid=[row["input_uuid"] for row in inputs]),
        "datasets": tables.read(connection, "datasets", dataset_uuid=datasets),
    }


def _places(rows: Rows) -> tuple[list[str], list[str]]:
    uris = [row["artifact_uri"] for row in rows["runs"]]
    uris += [row["artifact_location"] for row in rows["logged_models"]]
    # Models of MLflow 2 lie below a run; those that were registered by hand may lie anywhere.
    live = [row for row in rows["model_versions"] if row["current_stage"] != tables.DELETED]
    uris += [row["storage_location"] or row["source"] for row in live]
    places = {uri: root(uri) for uri in uris if uri and not uri.startswith(("models:/", "runs:/"))}
    roots = {place for place in places.values() if place}
    outer = {place for place in roots if not any(above in roots for above in _above(place))}
    return sorted(outer), sorted(uri for uri, place in places.items() if not place)


def _above(place: str) -> Iterator[str]:
    while "/" in place:
        place = place.rpartition("/")[0]
        yield place


def _packed(table: str, rows: Sequence[Row]) -> dict[str, Any]:
    columns = tables.TABLES[table].c.keys()
    return {"columns": columns, "rows": [[row[column] for column in columns] for row in rows]}
