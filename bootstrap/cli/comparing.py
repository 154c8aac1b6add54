"""How a difference between two platforms looks: for people, for programs and for pull requests."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bootstrap.console.output import print_line
from bootstrap.console.style import paint

if TYPE_CHECKING:
    from bootstrap.promotion.difference import (
        Difference,
        FileChange,
        ModelChange,
        ObjectChange,
        PackageChange,
        RefChange,
        RepositoryChange,
    )

_SIGNS = {"add": "+", "change": "~", "remove": "-"}
_COLOURS = {"+": "green", "~": "yellow", "-": "red", "@": "cyan"}
#: Fields of one object, and lines of a comment; GitHub refuses comments of more than 65536 characters.
_FIELDS, _COMMENT = 8, 60_000


@dataclass(frozen=True)
class _Part:
    """A heading, one line for each thing below it, and the changed lines of its files."""

    title: str
    lines: list[str]
    changed: list[str]


def show(a: str, b: str, value: Difference, full: bool) -> None:
    """Each package with its counts, then objects and fields, images, repositories and files."""
    for part in _parts(a, b, value, full):
        print_line(paint(part.title, "bold", sys.stdout))
        for line in part.lines:
            print_line(f"  {_coloured(line)}")
        for line in part.changed:
            print_line(_coloured(line))
        print_line()
    print_line(_summary(a, b, value))


def markdown(a: str, b: str, value: Difference, full: bool) -> list[str]:
    """The same as a comment: a heading, and each part folded away."""
    lines = [f"### From `{a}` to `{b}`", "", _summary(a, b, value)]
    size = 0
    for part in _parts(a, b, value, full):
        changed = ["", "```diff", *part.changed, "```"] if part.changed else []
        body = ["", "```", *part.lines, "```", *changed] if part.lines else changed
        folded = ["", f"<details><summary>{part.title}</summary>", *body, "", "</details>"]
        size += sum(len(line) + 1 for line in folded)
        if size > _COMMENT:
            return [*lines, "", f"The rest is too long for a comment: `idp diff {a} {b}`"]
        lines += folded
    return lines


def record(a: str, b: str, value: Difference, full: bool) -> dict[str, Any]:
    """Keys are stable: `old` is what B has, `new` what it is to have, null where there is none."""
    return {
        "from": a,
        "to": b,
        "equal": not value,
        "packages": [_package(package, full) for package in value.packages],
        "images": [{"name": i.name, "old": i.old, "new": i.new} for i in value.images],
        "repositories": [_repository(repository) for repository in value.repositories],
        "deployments": _package(value.deployments, full),
        "catalogue": _files(value.catalogue),
        "templates": _files(value.templates),
        "extra": _files(value.extra),
        "models": [_model(change) for change in value.models],
    }


def _package(value: PackageChange, full: bool) -> dict[str, Any]:
    from bootstrap.promotion.difference import Verb

    return {
        "name": value.name,
        "added": value.count(Verb.ADD),
        "changed": value.count(Verb.CHANGE),
        "removed": value.count(Verb.REMOVE),
        "objects": [
            {
                "change": o.verb,
                "kind": o.kind,
                "namespace": o.namespace,
                "name": o.name,
                "fields": [field.path for field in o.fields],
            }
            for o in value.objects
        ],
        "files": _files(value.files),
        **({"diff": "\n".join(_lines("old", "new", value.files))} if full else {}),
    }


def _model(value: ModelChange) -> dict[str, Any]:
    versions = [{"number": v.number, "run": v.run, "sha256": v.sha256} for v in value.versions]
    aliases = {alias: {"old": old, "new": new} for alias, (old, new) in value.aliases.items()}
    return {"name": value.name, "relation": value.relation, "versions": versions, "aliases": aliases}


def _files(changes: Iterable[FileChange]) -> list[dict[str, str]]:
    return [{"change": change.verb, "path": change.path} for change in changes]


def _repository(value: RepositoryChange) -> dict[str, Any]:
    refs = [{"name": r.name, "old": r.old, "new": r.new, "relation": r.relation} for r in value.refs]
    return {"name": value.name, "relation": value.relation, "refs": refs}


def _parts(a: str, b: str, value: Difference, full: bool) -> Iterator[_Part]:
    """What differs, in the order in which it is shown; nothing of what does not."""
    for package in (*value.packages, value.deployments):
        if package.files:
            lines = [_object(o) for o in package.objects] or [_file(f) for f in package.files]
            yield _Part(_counted(package), lines, _lines(b, a, package.files) if full else [])
    images = [f"{_sign(i.old, i.new)} {i.name}  {_short(i.old)} -> {_short(i.new)}" for i in value.images]
    repositories = [line for repository in value.repositories for line in _refs(repository)]
    for title, lines in (
        ("images", images),
        ("repositories", repositories),
        ("catalogue", [_file(change) for change in value.catalogue]),
        ("golden paths", [_file(change) for change in value.templates]),
        ("models", [_model_line(change) for change in value.models]),
        ("files that idp did not render", [_file(change) for change in value.extra]),
    ):
        if lines:
            yield _Part(title, lines, [])


def _counted(package: PackageChange) -> str:
    from bootstrap.promotion.difference import Verb

    words = {Verb.ADD: "added", Verb.CHANGE: "changed", Verb.REMOVE: "removed"}
    return f"{package.name}: {package.counted(words)}"


def _object(value: ObjectChange) -> str:
    where = f"{value.namespace}/{value.name}" if value.namespace else value.name
    fields = [field.path for field in value.fields]
    more = [f"and {len(fields) - _FIELDS} more"] if len(fields) > _FIELDS else []
    shown = ", ".join([*fields[:_FIELDS], *more])
    title = f"{_SIGNS[value.verb]} {value.kind} {where}" if value.kind else f"{_SIGNS[value.verb]} {where}"
    return f"{title}: {shown}" if shown else title


def _refs(value: RepositoryChange) -> list[str]:
    refs = ", ".join(_ref(ref) for ref in value.refs) or "no commit"
    return [f"{_sign(value.old, value.new)} {value.name}: {value.relation}: {refs}"]


def _ref(value: RefChange) -> str:
    return f"{value.title} {_short(value.old)} -> {_short(value.new)} ({value.relation})"


def _file(value: FileChange) -> str:
    return f"{_SIGNS[value.verb]} {value.path}"


def _model_line(value: ModelChange) -> str:
    from bootstrap.promotion.difference import Relation

    versions = ", ".join(f"version {v.number}" for v in value.versions) or "aliases, runs or descriptions"
    return f"{'+' if value.relation is Relation.NEW else '~'} {value.name}: {value.relation}: {versions}"


def _sign(old: object, new: object) -> str:
    return "+" if old is None else "-" if new is None else "~"


def _short(name: str | None) -> str:
    """As much of a digest or a commit as tells it from others at a glance."""
    if name is None:
        return "none"
    return " ".join(one.removeprefix("sha256:")[:12] for one in name.split())


def _lines(old: str, new: str, files: Iterable[FileChange]) -> list[str]:
    return [
        line
        for f in files
        for line in difflib.unified_diff(
            (f.old or "").splitlines(),
            (f.new or "").splitlines(),
            f"{old}/{f.path}",
            f"{new}/{f.path}",
            lineterm="",
        )
    ]


def _coloured(line: str) -> str:
    style = _COLOURS.get(line[:1], "")
    return paint(line, style, sys.stdout) if style else line


def _summary(a: str, b: str, value: Difference) -> str:
    if not value:
        return f"`{b}` is as a promotion from `{a}` would leave it."
    files = len(value.catalogue) + len(value.templates) + len(value.extra)
    counts = (
        (len(value.packages), "package", "packages"),
        (len(value.images), "image", "images"),
        (len(value.repositories), "repository", "repositories"),
        (len(value.deployments.files), "service", "services"),
        (files, "other file", "other files"),
        (len(value.models), "model", "models"),
    )
    said = ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)
    return f"A promotion from `{a}` would change of `{b}`: {said}."
