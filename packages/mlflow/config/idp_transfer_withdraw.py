"""Take back what a transfer has brought, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import idp_transfer_tables as tables
import sqlalchemy as sa
from idp_transfer_tables import Connection, Row


def withdraw(connection: Connection, name: str, change: Mapping[str, Any]) -> dict[str, int]:
    """Remove what a transfer has brought: versions by number and run, things by id, experiments by name.

    `aliases` are set back (None: taken away); with `model`, the model goes once it has no version. Tags and
    descriptions of what was there before stay as they were brought. Artifacts stay: keys are immutable.
    """
    tables.lock(connection)
    versions = {int(number): run or None for number, run in change["versions"].items()}
    own = {row["version"]: row for row in tables.read(connection, "model_versions", name=[name])}
    _refuse_removal(connection, name, versions, own)
    table = tables.TABLES["model_versions"]
    for tags in (tables.TABLES["model_version_tags"], table):
        connection.execute(
            sa.delete(tags).where(*tables.of_name(tags, name), tags.c.version.in_(list(versions)))
        )
    _set_back(connection, name, change["aliases"], list(versions))
    if change["model"]:
        _remove_empty(connection, name)
    removed = _remove_things(connection, change["things"])
    _remove_experiments(connection, change["experiments"])
    return {"versions": len(own.keys() & versions.keys()), "things": removed}


def _refuse_removal(
    connection: Connection, name: str, versions: Mapping[int, str | None], own: Mapping[int, Row]
) -> None:
    aliases = tables.read(connection, "registered_model_aliases", name=[name])
    production = {row["version"] for row in aliases if tables.is_production(row["alias"])}
    if held := production & versions.keys():
        raise tables.RefusedError(f"version {held.pop()} of {name} is in production here")
    other = [n for n, run in versions.items() if n in own and (own[n]["run_id"] or None) != run]
    if other:
        raise tables.RefusedError(f"versions {', '.join(map(str, other))} of {name} are of other runs")


def _set_back(connection: Connection, name: str, aliases: Mapping[str, str | None], gone: list[int]) -> None:
    table = tables.TABLES["registered_model_aliases"]
    for alias, version in aliases.items():
        if tables.is_production(alias):
            continue
        connection.execute(sa.delete(table).where(*tables.of_name(table, name), table.c.alias == alias))
        if version is not None:
            row = {"workspace": tables.WORKSPACE, "name": name, "alias": alias, "version": int(version)}
            connection.execute(sa.insert(table).values(row))
    connection.execute(sa.delete(table).where(*tables.of_name(table, name), table.c.version.in_(gone)))


def _remove_empty(connection: Connection, name: str) -> None:
    """The model, with the traces of its deleted versions, unless it has a version that lives."""
    own = tables.read(connection, "model_versions", name=[name])
    if any(row["current_stage"] != tables.DELETED for row in own):
        return
    versions = ("model_version_tags", "model_versions")
    for table in (*versions, "registered_model_tags", "registered_model_aliases", "registered_models"):
        connection.execute(sa.delete(tables.TABLES[table]).where(*tables.of_name(tables.TABLES[table], name)))


def _remove_things(connection: Connection, things: Sequence[str]) -> int:
    """Runs and logged models, but for those that a version still stands for."""
    versions = tables.TABLES["model_versions"]
    used = connection.execute(sa.select(versions.c.run_id, versions.c.source)).all()
    kept = {run for run, _ in used} | {source.removeprefix("models:/") for _, source in used if source}
    outputs = tables.inputs(connection, [run for run in kept if run])
    kept |= {row["destination_id"] for row in outputs if row["destination_type"] != "RUN"}
    free = [thing for thing in things if thing not in kept]
    tables.clear(connection, free, free)
    tables.delete(connection, "logged_models", model_id=free)
    tables.delete(connection, "runs", run_uuid=free)
    return len(free)


def _remove_experiments(connection: Connection, names: Sequence[str]) -> None:
    """Those in which nothing is left, also nothing that came from others meanwhile."""
    for row in tables.read(connection, "experiments", name=names):
        number = [row["experiment_id"]]
        if not any(
            tables.read(connection, t, experiment_id=number) for t in ("runs", "logged_models", "trace_info")
        ):
            for table in ("datasets", "experiment_tags", "experiments"):
                tables.delete(connection, table, experiment_id=number)
