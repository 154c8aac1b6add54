"""The form of a golden path: its fields, what it fills in, what it refuses. Pure.

Covers the part of JSON Schema that forms here use; fields that appear only after a choice (`dependencies`,
`allOf`, `then`) count as fields like all others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


def fields(pages: Sequence[Schema]) -> dict[str, dict[str, Any]]:
    """Every field of the form, by name; one with other choices behind another field has them all."""
    found: dict[str, dict[str, Any]] = {}
    for name, field in described(pages):
        known = found.setdefault(name, field)
        if "enum" in known and "enum" in field:
            found[name] = {**known, "enum": list(dict.fromkeys([*known["enum"], *field["enum"]]))}
    return found


def described(pages: Sequence[Schema]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each description of a field; one that depends on a choice may have several."""
    for page in pages:
        yield from _properties(page)


def required(pages: Sequence[Schema]) -> set[str]:
    """Fields without which the form cannot be sent, whatever else is chosen."""
    return {name for page in pages for name in page.get("required", [])}


def filled(pages: Sequence[Schema], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the defaults that the form fills in."""
    defaults = {name: field["default"] for name, field in fields(pages).items() if "default" in field}
    return {**defaults, **values}


def refused(pages: Sequence[Schema], values: Mapping[str, Any]) -> list[str]:
    """Names of the fields that are missing or that the form refuses."""
    known = fields(pages)
    missing = sorted(required(pages) - values.keys())
    return missing + [name for name, given in values.items() if not fits(known.get(name, _NOTHING), given)]


def fits(field: Schema, value: Any) -> bool:
    """Would the form take this value?"""
    if "const" in field or "enum" in field:
        return value in field.get("enum", [field.get("const")])
    kind = field.get("type", "string")
    if not isinstance(value, _TYPES.get(kind, ())) or (isinstance(value, bool) and kind != "boolean"):
        return False
    if isinstance(value, str):
        return _length(field, value, "minLength", "maxLength") and _pattern(field).search(value) is not None
    if isinstance(value, list):
        items = field.get("items", {})
        return _length(field, value, "minItems", "maxItems") and all(fits(items, item) for item in value)
    if isinstance(value, dict):
        return not refused([field], value) if "properties" in field else True
    if kind in {"integer", "number"}:
        return bool(field.get("minimum", value) <= value <= field.get("maximum", value))
    return True


def _properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    for name, field in (schema.get("properties") or {}).items():
        # Where a choice is only tested, the field is described elsewhere.
        if isinstance(field, dict) and not field.keys() <= {"const", "enum"}:
            yield name, field
    for nested in (schema.get("dependencies") or {}).values():
        yield from _properties(nested)
    for key in ("oneOf", "allOf", "anyOf"):
        for nested in schema.get(key) or []:
            yield from _properties(nested)
    for key in ("then", "else"):
        yield from _properties(schema.get(key))


def _pattern(field: Schema) -> re.Pattern[str]:
    """A form leaves the end of a pattern to its `$`, which in Python would also match before a newline."""
    return re.compile(field.get("pattern", "").replace("$", r"\Z"))


def _length(field: Schema, value: Any, least: str, most: str) -> bool:
    return bool(field.get(least, 0) <= len(value) <= field.get(most, len(value)))


_NOTHING: Schema = {"enum": []}
