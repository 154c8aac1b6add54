"""Bring MLflow's database up to date, then become its server, guarded and with a door for models to be moved.

`mlflow server` would stay beside the server that it starts, idle, with a quarter of a gigabyte of
libraries of its own; here the process that prepared everything is replaced by the server. The
arguments are those of `mlflow server`; the database's address is in libpq's own PG* variables.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import sqlalchemy
from mlflow import cli, server
from mlflow.store.db import utils

#: What `mlflow server` would serve, and what is served instead.
_APP, _GUARDED = "mlflow.server.fastapi_app:app", ["--factory", "idp_transfer:serve"]

#: Any number that nobody else locks in this database.
_LOCK = 5000


def migrate(database: str) -> None:
    """Wait for the database and bring its tables to this version; one server at a time does."""
    engine = utils.create_sqlalchemy_engine_with_retry(database)
    with engine.connect() as holder:
        holder.execute(sqlalchemy.text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        prepare = utils._upgrade_db if utils._all_tables_exist(engine) else utils._initialize_tables
        prepare(engine)
    engine.dispose()


def become(command: list[str], extra_env: dict[str, str], **_: object) -> NoReturn:
    """Run the server's command in place of this process."""
    if command[-1] != _APP:
        raise SystemExit(f"mlflow would serve {command[-1]}, which the guard does not know")
    guarded = [*command[:-1], *_GUARDED]
    os.execvpe(guarded[0], guarded, {**os.environ, **extra_env})  # noqa: S606 - no shell is wanted


migrate(os.environ["MLFLOW_BACKEND_STORE_URI"])
server._exec_cmd = become
cli.cli(["server", *sys.argv[1:]])
