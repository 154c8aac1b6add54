"""Checks of a table against its schema. Every value that fails is named, all at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from idp_ml.schema import Column, Schema

#: The header is row 1 of a CSV file, so that a row's number is the one that an editor shows.
FIRST_ROW = 2
SHOWN = 50


@dataclass(frozen=True, order=True)
class Fault:
    """One value that breaks a rule. Row 0 speaks of the whole table."""

    row: int
    column: str
    value: str
    rule: str

    def __str__(self) -> str:
        where = f"row {self.row}, " if self.row else ""
        return f"{where}column {self.column}: {self.value!r} {self.rule}"


def faults(raw: pd.DataFrame, schema: Schema) -> list[Fault]:
    """`raw` holds the cells as text, as they stand in the file; an empty cell is an empty text."""
    found = list(_columns(raw, schema))
    for column in schema.columns:
        if column.name in raw.columns:
            found += _cells(raw[column.name], column)
    if schema.key and set(schema.key) <= set(raw.columns):
        found += _duplicates(raw, schema.key)
    return sorted(found)


def report(found: list[Fault], rows: int) -> str:
    """The faults, one a line, after a headline that counts them."""
    failing = len({fault.row for fault in found if fault.row})
    headline = f"refused: {len(found)} values break the schema, in {failing} of {rows} rows"
    lines = [f"  {fault}" for fault in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"  … and {len(found) - SHOWN} more")
    return "\n".join([headline, *lines])


def _columns(raw: pd.DataFrame, schema: Schema) -> Iterator[Fault]:
    for name in schema.names:
        if name not in raw.columns:
            yield Fault(0, name, "", "is missing in the data")
    for name in raw.columns:
        if name not in schema.names:
            yield Fault(0, str(name), "", "is not in the schema")
    if raw.empty:
        yield Fault(0, "*", "", "there are no rows")


def _cells(cells: pd.Series, column: Column) -> Iterator[Fault]:
    rule = _RULES[column.type]
    for position, cell in enumerate(cells):
        text = str(cell).strip()
        if not text:
            broken = None if column.optional else "is empty"
        else:
            broken = rule(text, column) or _listed(text, column)
        if broken:
            yield Fault(position + FIRST_ROW, column.name, text, broken)


def _number(text: str, column: Column) -> str | None:
    try:
        value = float(text)
    except ValueError:
        return "is not a number"
    if value != value or value in (float("inf"), float("-inf")):
        return "is not a finite number"
    if column.least is not None and value < column.least:
        return f"is below {column.least:g}"
    if column.most is not None and value > column.most:
        return f"is above {column.most:g}"
    return None


def _integer(text: str, column: Column) -> str | None:
    return _number(text, column) if re.fullmatch(r"[+-]?\d+", text) else "is not a whole number"


def _string(text: str, column: Column) -> str | None:
    if column.pattern and not re.fullmatch(column.pattern, text):
        return f"does not match {column.pattern}"
    return None


def _boolean(text: str, column: Column) -> str | None:
    return None if text.lower() in {"true", "false"} else "is neither true nor false"


def _date(text: str, column: Column) -> str | None:
    return (
        None
        if not pd.isna(pd.to_datetime(text, format="%Y-%m-%d", errors="coerce"))
        else "is not a date (YYYY-MM-DD)"
    )


_RULES: dict[str, Callable[[str, Column], str | None]] = {
    "number": _number,
    "integer": _integer,
    "string": _string,
    "boolean": _boolean,
    "date": _date,
}


def _listed(text: str, column: Column) -> str | None:
    if column.allowed and text not in column.allowed:
        return f"is not one of {', '.join(column.allowed)}"
    return None


def _duplicates(raw: pd.DataFrame, key: tuple[str, ...]) -> Iterator[Fault]:
    cells = raw[list(key)].astype(str).agg("/".join, axis=1)
    first: dict[str, int] = {}
    for position, value in enumerate(cells):
        row = position + FIRST_ROW
        if value in first:
            yield Fault(row, "/".join(key), value, f"is the key of row {first[value]}, too")
        first.setdefault(value, row)
