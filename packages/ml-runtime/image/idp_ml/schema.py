"""What a row of a data set must look like, as `schema.yaml` says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import yaml

from idp_ml.errors import Refused

TYPES = ("number", "integer", "string", "boolean", "date")
_COLUMN_KEYS = {"type", "min", "max", "allowed", "optional", "unit", "description", "pattern"}


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    least: float | None = None
    most: float | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    optional: bool = False
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class Schema:
    """`key` columns are unique together and never features; `target` is what models predict."""

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    target: str = ""
    files: tuple[str, ...] = ()
    url: str = ""
    sha256: str = ""
    sources: tuple[str, ...] = field(default=())

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name != self.target and name not in self.key)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def parse(text: str) -> Schema:
    """Raises Refused with all that is wrong, at once."""
    content = yaml.safe_load(text) or {}
    if not isinstance(content, dict):
        raise Refused("schema.yaml: must be a mapping with `data` and `columns`")
    given = content.get("columns") or {}
    columns = tuple(_column(name, described or {}) for name, described in given.items())
    data, key = content.get("data") or {}, tuple(content.get("key") or ())
    schema = Schema(
        columns,
        key,
        str(content.get("target") or ""),
        tuple(data.get("files") or ()),
        str(data.get("url") or ""),
        str(data.get("sha256") or ""),
        tuple(str(source) for source in content.get("sources") or ()),
    )
    if wrong := [*_wrong_columns(given), *_wrong_references(schema)]:
        raise Refused("schema.yaml:\n" + "\n".join(f"  {line}" for line in wrong))
    return schema


def suggest(frame: pd.DataFrame) -> str:
    """A first `columns` section for a table without a description, to be read by a person."""
    columns = {str(name): _suggested(frame[name]) for name in frame.columns}
    return str(yaml.safe_dump({"columns": columns}, sort_keys=False, default_flow_style=None))


def _column(name: str, given: dict[str, Any]) -> Column:
    return Column(
        str(name),
        str(given.get("type", "")),
        given.get("min"),
        given.get("max"),
        tuple(str(value) for value in given.get("allowed") or ()),
        str(given.get("pattern") or ""),
        bool(given.get("optional")),
        str(given.get("unit") or ""),
        str(given.get("description") or ""),
    )


def _wrong_columns(given: dict[str, Any]) -> list[str]:
    wrong = []
    for name, described in given.items():
        unknown = sorted((described or {}).keys() - _COLUMN_KEYS)
        if unknown:
            wrong.append(
                f"{name}: unknown key {', '.join(unknown)}; there are {', '.join(sorted(_COLUMN_KEYS))}"
            )
        if (described or {}).get("type") not in TYPES:
            wrong.append(f"{name}: type must be one of {', '.join(TYPES)}")
    return wrong


def _wrong_references(schema: Schema) -> list[str]:
    named = [*schema.key, *([schema.target] if schema.target else [])]
    wrong = [
        f"{name}: is key or target, but no column"
        for name in named
        if schema.columns and name not in schema.names
    ]
    if bool(schema.files) == bool(schema.url):
        wrong.append("data: give either `files` or `url`")
    return wrong


def _suggested(values: pd.Series) -> dict[str, Any]:
    described: dict[str, Any]
    if pd.api.types.is_bool_dtype(values):
        described = {"type": "boolean"}
    elif pd.api.types.is_numeric_dtype(values):
        whole = pd.api.types.is_integer_dtype(values)
        described = {
            "type": "integer" if whole else "number",
            "min": values.min().item(),
            "max": values.max().item(),
        }
    else:
        distinct = sorted(str(value) for value in values.dropna().unique())
        described = {"type": "string", **({"allowed": distinct} if len(distinct) <= 12 else {})}
    return {**described, **({"optional": True} if values.isna().any() else {})}
