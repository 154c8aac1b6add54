"""What `idp plan` ends with: changes to come, or drift, for people, for programs and for pull requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bootstrap.cli import views
from bootstrap.cli.options import PlanOutput
from bootstrap.console import print_json, print_table
from bootstrap.console.output import print_line
from bootstrap.model import Plan

if TYPE_CHECKING:
    from stacks.automation import Drift, Outcome
    from stacks.heard import Change

#: Rows of a table in a comment; GitHub refuses comments of more than 65536 characters.
_ROWS = 200


def plan(value: Plan, found: Outcome | str, output: PlanOutput) -> None:
    """The plan, and each resource that would change; a text says why that is not known yet."""
    changes = found if isinstance(found, str) else found.changes
    match output:
        case PlanOutput.JSON:
            print_json(plan_record(value, found))
        case PlanOutput.MARKDOWN:
            print_line("\n".join(plan_comment(value, found)))
        case PlanOutput.TABLE:
            views.plan(value, changes)


def drift(value: Plan, found: Drift, output: PlanOutput) -> None:
    """Each resource that is not as recorded."""
    match output:
        case PlanOutput.JSON:
            print_json(drift_record(value, found))
        case PlanOutput.MARKDOWN:
            print_line("\n".join(drift_comment(value, found)))
        case PlanOutput.TABLE if found:
            print_table(
                ["change", "resource", "type", "properties"],
                [[c.operation, c.name, c.type, ", ".join(c.properties)] for c in found.resources],
            )
            print_line()
            print_line(_drifted(value, found))
        case PlanOutput.TABLE:
            print_line(_drifted(value, found))


def plan_record(value: Plan, found: Outcome | str) -> dict[str, Any]:
    """Keys are stable: `preview` is null, and `reason` says why, where no preview was possible."""
    known = not isinstance(found, str)
    return {
        **views.plan_record(value),
        "preview": dict(found.changes) if not isinstance(found, str) else None,
        "changes": [_record(c) for c in found.resources] if not isinstance(found, str) else None,
        "reason": None if known else found,
    }


def drift_record(value: Plan, found: Drift) -> dict[str, Any]:
    """Keys are stable; names of properties, never their values."""
    return {
        "stack": value.stack,
        "target": {"kind": value.target.kind, "name": value.target.name},
        "drift": bool(found),
        "resources": [_record(c) for c in found.resources],
    }


def plan_comment(value: Plan, found: Outcome | str) -> list[str]:
    """The plan as a comment: what it is of, how much changes, and each resource folded away."""
    facts = {
        "profile": value.cloud.name if value.cloud else "",
        "domain": value.facts.domain,
        "size": value.facts.size,
        "packages": ", ".join(f"{p.name} {p.version}" for p in value.packages),
    }
    lines = [f"### Plan of `{value.target.name}`: stack `{value.stack}` on `{value.target.kind}`", ""]
    lines += _table(("", ""), [(key, text) for key, text in facts.items() if text])
    if isinstance(found, str):
        return [*lines, "", f"**Preview:** {_cell(found)}"]
    lines += ["", f"**Preview:** {views.foreseen(found.changes)}"]
    return [*lines, *_folded(found.resources)]


def drift_comment(value: Plan, found: Drift) -> list[str]:
    """The drift as a comment."""
    return [f"### Drift of `{value.target.name}`", "", _drifted(value, found), *_folded(found.resources)]


def _drifted(value: Plan, found: Drift) -> str:
    name = value.target.name
    if not found:
        return f"What Pulumi made of `{name}` is as recorded."
    differs = "1 resource is" if len(found.resources) == 1 else f"{len(found.resources)} resources are"
    return f"{differs} not as recorded. `idp up` puts right what the stack definition says."


def _folded(changes: Sequence[Change]) -> list[str]:
    """A table that opens on demand; none where nothing changes."""
    if not changes:
        return []
    rows = [(c.operation, f"`{c.name}`", f"`{c.type}`", ", ".join(c.properties)) for c in changes[:_ROWS]]
    more = [f"… and {len(changes) - _ROWS} more"] if len(changes) > _ROWS else []
    table = _table(("change", "resource", "type", "properties"), rows)
    title = "1 resource" if len(changes) == 1 else f"{len(changes)} resources"
    return ["", f"<details><summary>{title}</summary>", "", *table, *more, "", "</details>"]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *[[_cell(cell) for cell in row] for row in rows]]
    return [f"| {' | '.join(line)} |" for line in lines]


def _cell(text: str) -> str:
    """Text that neither ends its cell nor its line."""
    return text.replace("|", "\\|").replace("\n", " ")


def _record(change: Change) -> Mapping[str, Any]:
    return asdict(change)
