"""Kubernetes objects compared field by field. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from bootstrap import render
from bootstrap.promotion.difference import FieldChange, FileChange, ObjectChange, verb

#: Group, kind, namespace and name; of what is no object, its file and its place in it.
_Key = tuple[str, str, str, str]
_PLAIN = re.compile(r"[A-Za-z0-9_-]+\Z")
_ABSENT = object()


def changes(files: Iterable[FileChange]) -> tuple[ObjectChange, ...]:
    """Objects that differ, whichever files they are in. A file that is not YAML counts as a whole."""
    files = list(files)
    old = _all((f.path, f.old) for f in files)
    new = _all((f.path, f.new) for f in files)
    found = []
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        both = before is not None and after is not None
        _, kind, namespace, name = key
        fields = tuple(differing(before, after)) if both else ()
        found.append(ObjectChange(verb(before, after), kind, namespace, name, fields))
    return tuple(found)


def differing(old: Any, new: Any, at: str = "") -> Iterator[FieldChange]:
    """The deepest fields that differ. Items of a list are told apart by their names, if they have some."""
    before, after = _items(old), _items(new)
    if before is None or after is None or type(old) is not type(new):
        if old != new or type(old) is not type(new):
            yield FieldChange(at, _none(old), _none(new))
        return
    common = [key for key in before if key in after]
    if isinstance(old, list) and common != [key for key in after if key in before]:
        yield FieldChange(at, old, new)  # the order says something, too
        return
    for key in dict.fromkeys([*before, *after]):
        where = f"{at}{key}" if key.startswith("[") else f"{at}.{key}".removeprefix(".")
        yield from differing(before.get(key, _ABSENT), after.get(key, _ABSENT), where)


def _items(value: Any) -> dict[str, Any] | None:
    """The parts of a value by the way to each; None for what has none."""
    if isinstance(value, dict):
        return {str(k) if _PLAIN.match(str(k)) else f"[{k}]": v for k, v in value.items()}
    if not isinstance(value, list) or not value:
        return None
    names = [item.get("name") if isinstance(item, dict) else None for item in value]
    named = all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    return {f"[{names[i] if named else i}]": item for i, item in enumerate(value)}


def _none(value: Any) -> Any:
    return None if value is _ABSENT else value


def _all(texts: Iterable[tuple[str, str | None]]) -> dict[_Key, Any]:
    return {key: o for path, text in texts if text is not None for key, o in _parsed(path, text)}


def _parsed(path: str, text: str) -> Iterator[tuple[_Key, Any]]:
    try:
        documents: list[Any] = list(render.documents({path: text}))
    except (yaml.YAMLError, ValueError, RecursionError):
        documents = [text]
    for number, document in enumerate(documents):
        yield _key(path, number, document), document


def _key(path: str, number: int, document: Any) -> _Key:
    metadata = document.get("metadata") if isinstance(document, Mapping) else None
    if not isinstance(metadata, Mapping) or "kind" not in document or "name" not in metadata:
        return "", "", "", path if number == 0 else f"{path}[{number}]"
    group = str(document.get("apiVersion", "")).rpartition("/")[0]
    return group, str(document["kind"]), str(metadata.get("namespace") or ""), str(metadata["name"])
