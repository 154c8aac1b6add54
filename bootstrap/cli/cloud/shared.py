"""`idp cloud connect` and `idp cloud unlock`: platforms that several machines share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bootstrap.cli import consent, options
from bootstrap.cli.options import Output
from bootstrap.console import Mode, print_json, print_table, reporting
from bootstrap.console.output import print_line
from bootstrap.console.style import duration

if TYPE_CHECKING:
    from stacks.state import Holder


def connect(
    name: options.Name = options.DEFAULT_NAME,
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Use a platform that another machine brought up.

    Fetches its record and the way to its cluster, so that `idp status`, `idp secrets` and `idp open` work
    here. What they may see is up to your AWS role.

    \b
    Example:
      idp cloud connect --name team
    """
    from bootstrap.connect import connect as join

    with reporting(progress) as reporter:
        known = join(name, reporter)
    if output is Output.JSON:
        print_json(known)
    else:
        print_line(f"`{known.name}` on {known.domain}, account {known.account}, {known.region}")
        print_line(f"Next:  idp status --name {known.name}")


def unlock(
    name: options.Name = options.DEFAULT_NAME,
    yes: options.Yes = False,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Remove the lock of a run that is certainly over.

    Shows who holds the state, and since when, then asks. A lock of a run that goes on protects the state:
    without it two runs overwrite each other's.

    \b
    Examples:
      idp cloud unlock --name team
      idp cloud unlock --name team --yes -o json
    """
    from bootstrap.cloud import records
    from stacks import workspace

    if records.adopt(name) is None:
        raise records.unknown(name)
    state = workspace.state(name)
    found = state.holders()
    if found and not yes:
        print_table(*_table(found))
        consent.ask(
            f"unlocking `{name}`",
            "lets another run begin; a holder that is still at work would spoil the state",
            f"idp cloud unlock --name {name} --yes",
        )
    state.release(found)
    if output is Output.JSON:
        print_json([_record(holder) for holder in found])
    elif found:
        print_line(f"`{name}` is unlocked.")
    else:
        print_line(f"Nobody holds `{name}`.")


def _record(holder: Holder) -> dict[str, Any]:
    since = holder.since.isoformat() if holder.since else None
    return {"user": holder.user, "host": holder.host, "pid": holder.pid, "since": since}


def _table(found: list[Holder]) -> tuple[list[str], list[list[str]]]:
    now = datetime.now(UTC)
    rows = [
        [
            *(h.user, h.host, str(h.pid)),
            f"{h.since:%Y-%m-%d %H:%M:%S %Z}" if h.since else "unknown",
            duration((now - h.since).total_seconds()) if h.since else "unknown",
        ]
        for h in found
    ]
    return ["user", "host", "process", "since", "age"], rows
