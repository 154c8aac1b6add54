"""MLflow's tables, and the little that a transfer asks of them.

A run or a logged model is a `thing`: it goes with all rows that it owns, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

import sqlalchemy as sa
from idp_guard import ALIAS
from mlflow.store.db.base_sql_model import Base
from mlflow.store.model_registry.dbmodels import models as _registry  # noqa: F401 - declares its tables
from mlflow.store.tracking.dbmodels import models as _tracking  # noqa: F401 - declares its tables
from sqlalchemy.dialects.postgresql import insert

WORKSPACE = "default"
DELETED = "Deleted_Internal"
#: Values in one question, rows in one statement.
AT_ONCE = 1000
#: One transfer at a time writes; any number that nobody else locks in this database.
_KEY = 5001

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]
Connection = sa.Connection

TABLES = Base.metadata.tables
#: What a run owns, but for its inputs and outputs, which name it in one of two columns.
OF_RUNS = ("tags", "params", "latest_metrics", "metrics")
OF_LOGGED = ("logged_model_tags", "logged_model_params", "logged_model_metrics")


class RefusedError(Exception):
    """What may not be done, in words."""


def read(connection: Connection, table: str, **wanted: Iterable[Any]) -> list[Row]:
    """Rows in which one column has one of these values."""
    [(column, values)] = wanted.items()
    found = TABLES[table]
    ours = found.c.workspace == WORKSPACE if "workspace" in found.c else sa.true()
    return [
        dict(row._mapping)
        for some in batched(values, AT_ONCE)
        for row in connection.execute(sa.select(found).where(found.c[column].in_(some), ours))
    ]


def inputs(connection: Connection, runs: Iterable[str]) -> Iterator[Row]:
    for row in connection.execute(sa.select(TABLES["inputs"]).where(owned(TABLES["inputs"], runs))):
        yield dict(row._mapping)


def owned(inputs: sa.Table, runs: Iterable[str]) -> sa.ColumnElement[bool]:
    """A run's data sets lead to it; the models that it has read and written lead from it."""
    given, ids = inputs.c, list(runs)
    into = sa.and_(given.destination_type == "RUN", given.destination_id.in_(ids))
    return sa.or_(into, sa.and_(given.source_type.in_(["RUN_INPUT", "RUN_OUTPUT"]), given.source_id.in_(ids)))


def clear(connection: Connection, runs: Sequence[str], logged: Sequence[str]) -> None:
    """Take away what these own; they themselves stay."""
    for table in OF_LOGGED:
        delete(connection, table, model_id=logged)
    for some in batched(runs, AT_ONCE):
        ids = [row["input_uuid"] for row in inputs(connection, some)]
        delete(connection, "input_tags", input_uuid=ids)
        connection.execute(sa.delete(TABLES["inputs"]).where(owned(TABLES["inputs"], some)))
    for table in OF_RUNS:
        delete(connection, table, run_uuid=runs)


def is_production(alias: str) -> bool:
    return alias.strip().casefold() == ALIAS


def lock(connection: Connection) -> None:
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _KEY})


def of_name(table: sa.Table, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.workspace == WORKSPACE, table.c.name == name


def replace(connection: Connection, table: str, rows: Sequence[Row], **owner: Sequence[Any]) -> None:
    delete(connection, table, **owner)
    upsert(connection, table, rows)


def delete(connection: Connection, table: str, **wanted: Sequence[Any]) -> None:
    [(column, values)] = wanted.items()
    found = TABLES[table]
    ours = found.c.workspace == WORKSPACE if "workspace" in found.c else sa.true()
    for some in batched(values, AT_ONCE):
        connection.execute(sa.delete(found).where(found.c[column].in_(some), ours))


def upsert(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    found = TABLES[table]
    key = [column.name for column in found.primary_key]
    statement = insert(found)
    rest = {name: statement.excluded[name] for name in [column.name for column in found.c] if name not in key}
    settled = (
        statement.on_conflict_do_update(index_elements=key, set_=rest)
        if rest
        else statement.on_conflict_do_nothing(index_elements=key)
    )
    for some in batched(rows, AT_ONCE):
        connection.execute(settled, list(some))
