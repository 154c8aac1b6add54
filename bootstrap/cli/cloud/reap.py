"""`idp cloud reap`: remove platforms whose time to live has passed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bootstrap.cli import consent, options
from bootstrap.cli.options import Output
from bootstrap.console import Mode, print_json, print_table, reporting
from bootstrap.console.output import print_line
from bootstrap.errors import FAILED

if TYPE_CHECKING:
    from bootstrap.cloud.reaper import Due, TakeDown
    from bootstrap.instance import Instance
    from bootstrap.progress import Reporter


def reap(
    yes: options.Yes = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List them, remove none.")] = False,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Keep nothing of their data either.")
    ] = False,
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Remove platforms whose time to live has passed.

    Their data is kept as `idp down` keeps it. One that cannot be removed does not keep the others standing;
    the exit code is 1 then.

    \b
    Examples:
      idp cloud reap --dry-run
      idp cloud reap --yes --delete-data -o json
    """
    take_down = partial(_take_down, delete_data=delete_data)
    run(_records(), take_down, datetime.now(UTC), yes, dry_run, progress, output)


def run(
    records: Iterable[Instance],
    take_down: TakeDown,
    now: datetime,
    yes: bool,
    dry_run: bool,
    progress: Mode,
    output: Output,
) -> None:
    """The command without where records come from and how a platform is taken down."""
    from bootstrap.cloud import reaper

    found = reaper.due(records, now)
    if not dry_run and not yes and any(not one.fault for one in found):
        _consent(found)
    if not dry_run:
        with reporting(progress) as reporter:
            found = reaper.reap(found, take_down, reporter)
    if output is Output.JSON:
        ok = not any(one.fault for one in found)
        print_json({"ok": ok, "dry_run": dry_run, "platforms": [_record(one) for one in found]})
    else:
        _show(found, dry_run)
    if any(one.fault for one in found):
        raise typer.Exit(FAILED)


def _records() -> list[Instance]:
    """Those of the account and region at hand."""
    from bootstrap.cloud import records

    return records.list_all()


def _take_down(record: Instance, reporter: Reporter, *, delete_data: bool) -> None:
    from bootstrap.connect import use
    from bootstrap.down import down

    use(record.name, reporter)
    down(record.name, reporter, delete_data=delete_data)


def _record(one: Due) -> dict[str, Any]:
    known = one.record
    place = {"account": known.account, "region": known.region}
    state = {"removed": one.removed, "code": "IDP-C041" if one.fault else "", "fault": one.fault}
    return {"name": known.name, **place, "expires": known.expires, **state}


def _show(found: list[Due], dry_run: bool) -> None:
    if not found:
        print_line("No platform's time to live has passed.")
        return
    rows = [[one.record.name, one.record.region, one.record.expires, _said(one, dry_run)] for one in found]
    print_table(["platform", "region", "ended", "state"], rows)
    if any(one.fault for one in found):
        print_line()
        print_line("More about it: idp explain IDP-C041")


def _said(one: Due, dry_run: bool) -> str:
    return f"FAILED: {one.fault}" if one.fault else "removed" if one.removed else "to be removed" * dry_run


def _consent(found: list[Due]) -> None:
    """Raises IDP-A012 where nobody can answer, or where the answer is no."""
    names = ", ".join(f"`{one.record.name}`" for one in found if not one.fault)
    consent.ask(f"removing {names}", "ends what runs there for good", "idp cloud reap --yes")
