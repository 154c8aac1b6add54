"""`idp cloud leaks`: what a platform left in the account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from bootstrap.cli import options
from bootstrap.cli.options import Output
from bootstrap.console import print_json, print_table
from bootstrap.console.output import print_line
from bootstrap.errors import FAILED

if TYPE_CHECKING:
    from bootstrap.cloud.leftovers import Leftover


def leaks(
    name: options.Name = options.DEFAULT_NAME,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """List what is left of a platform in AWS.

    Run it after `idp down`: whatever of the platform still exists is a leak, but for what was kept on
    purpose. Looks in one region, that of the record or else of the AWS configuration. The exit code is 0
    only when nothing leaked.

    \b
    Examples:
      idp cloud leaks --name demo
      idp cloud leaks --name demo -o json
    """
    from bootstrap import instance
    from bootstrap.cloud import leftovers, session

    known = instance.find(name)
    aws = session.connect(known.region if known else "")
    account = aws.account()
    found = leftovers.find(aws, name)
    leaked, kept = [one for one in found if not one.kept], [one for one in found if one.kept]
    place = f"account {account.id}, {account.region}"
    if output is Output.JSON:
        at = {"name": name, "account": account.id, "region": account.region}
        print_json({"ok": not leaked, **at, "leaked": leaked, "kept": kept})
    else:
        _show(leaked, f"{len(leaked)} left of `{name}` in {place}", f"Nothing left of `{name}` in {place}.")
        _show(kept, f"{len(kept)} kept on purpose", "")
    if leaked:
        raise typer.Exit(FAILED)


def _show(found: Sequence[Leftover], title: str, otherwise: str) -> None:
    if not found and otherwise:
        print_line(otherwise)
    if found:
        print_line(f"{title}:")
        print_table(["type", "arn", "why"], [[one.type, one.arn, one.why] for one in found])
        print_line()
