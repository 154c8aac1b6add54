"""How a promotion is shown: what it would do, and what it did."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bootstrap.cli.options import Output
from bootstrap.console import print_json
from bootstrap.console.output import print_line
from bootstrap.console.style import paint

if TYPE_CHECKING:
    from bootstrap.promotion.proposal import Proposal
    from bootstrap.promotion.record import Record
    from bootstrap.promotion.rollback import Return

_MANY = 40


def show(found: Proposal) -> None:
    """What would be done, to standard error: standard output is the result's."""
    wish, entry = found.wish, found.entry
    lines = list(entry.difference)
    if not found:
        _say(f"`{wish.target}` has all that `{wish.source}` can bring it.")
    elif found.unfinished:
        _say(f"{entry.id} was begun at {entry.begun} by {entry.by.name} and is finished now:")
    else:
        _say(f"From `{wish.source}` to `{wish.target}`:")
    _list(lines if found else [])
    if found.models.later:
        _say("  models are compared once the platform is up to date")
    for name in found.moves.stays:
        _say(f"  stays   {name}: only `{wish.target}` has it")
    for name, paths in found.naming.items():
        _say(f"  note    {name} names `{wish.source}` in {', '.join(paths)}, and will do so there")
    if found.edge.checks:
        _say(f"  checks  {', '.join(found.edge.checks)}")
    if found.edge.approval:
        _say(f"  needs an approval of idp/{found.edge.approval}")


def show_return(found: Return) -> None:
    """What would be taken back."""
    entry = found.entry
    _say(f"{entry.id}, from `{entry.source.name}`, by {entry.by.name}; taking it back:")
    _list(found.lines() or ["nothing is left of it"])


def outline(entry: Record | None, output: Output) -> None:
    """The record as it would be, for programs; people have read it already."""
    if output is Output.JSON:
        from bootstrap.promotion import record

        print_json(record.plain(entry) if entry else {})


def result(entry: Record, output: Output) -> None:
    """The record, whole or in a line."""
    outline(entry, output)
    if output is Output.TABLE:
        print_line(f"{entry.id}: {entry.state}")


def _list(lines: list[str]) -> None:
    for line in lines[:_MANY]:
        _say(f"  {line}")
    if len(lines) > _MANY:
        _say(f"  … and {len(lines) - _MANY} more")


def _say(line: str) -> None:
    sys.stderr.write(f"{paint(line, 'bold', sys.stderr) if not line.startswith(' ') else line}\n")
