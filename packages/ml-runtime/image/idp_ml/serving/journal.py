"""The prediction log: JSON lines for whoever collects them, and a table that can be asked."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

_TABLE = """
create table if not exists predictions (
    id integer primary key, time text not null, request_id text not null, model text not null,
    version text not null, features text not null, features_sha256 text not null,
    prediction text not null, probability real not null
)
"""
#: The table is trimmed every so many entries; between that it may be longer than was asked for.
_TRIM_EVERY = 500


@dataclass(frozen=True)
class Entry:
    """One prediction. `features` is empty where the service is told not to keep them."""

    time: str
    request_id: str
    model: str
    version: str
    features: Mapping[str, Any]
    features_sha256: str
    prediction: str
    probability: float


_COLUMNS = tuple(field.name for field in fields(Entry))
_INSERT = f"insert into predictions ({', '.join(_COLUMNS)}) values ({', '.join(f':{n}' for n in _COLUMNS)})"  # noqa: S608
_SELECT = (
    f"select {', '.join(_COLUMNS)} from predictions"  # noqa: S608 - the names are those of the fields above
    " where (?1 = '' or request_id = ?1) and (?2 = '' or version = ?2) order by id desc limit ?3"
)


def hash_of(features: Mapping[str, Any]) -> str:
    """The same features have the same hash, whatever their order."""
    return hashlib.sha256(json.dumps(features, sort_keys=True).encode()).hexdigest()


class Journal:
    """One table in one file; it outlives the process, and the oldest entries go first."""

    def __init__(self, file: Path, keep: int) -> None:
        self._keep, self._lock, self._since_trim = keep, threading.Lock(), 0
        self._table = sqlite3.connect(file, check_same_thread=False)
        # Entries are also on standard output, so a power cut may take the last moments of the table.
        self._table.executescript(f"pragma journal_mode = wal; pragma synchronous = normal; {_TABLE}")

    def write(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            print(json.dumps({"prediction_log": asdict(entry)}), file=sys.stdout)
        sys.stdout.flush()
        rows = [{**asdict(entry), "features": json.dumps(dict(entry.features))} for entry in entries]
        with self._lock, self._table:
            self._table.executemany(_INSERT, rows)
            self._since_trim += len(rows)
            if self._since_trim >= _TRIM_EVERY:
                self._since_trim = 0
                self._table.execute(
                    "delete from predictions where id <= (select max(id) from predictions) - ?", (self._keep,)
                )

    def newest(self, limit: int, request_id: str = "", version: str = "") -> list[dict[str, Any]]:
        """The newest entries first, of one request or one version if asked for."""
        with self._lock:
            cursor = self._table.execute(_SELECT, (request_id, version, limit))
            rows = [dict(zip(_COLUMNS, row, strict=True)) for row in cursor.fetchall()]
        return [{**row, "features": json.loads(row["features"])} for row in rows]

    def window(self, rows: int) -> list[dict[str, Any]]:
        """The features of the newest predictions, as far as they were kept."""
        return [entry["features"] for entry in self.newest(rows) if entry["features"]]

    def close(self) -> None:
        self._table.close()
