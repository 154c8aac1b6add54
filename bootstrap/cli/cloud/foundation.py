"""`idp cloud bootstrap` and `idp cloud teardown`: what an account needs first, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bootstrap.cli import consent, options
from bootstrap.cli.options import Output
from bootstrap.console import Mode, print_json, reporting
from bootstrap.console.output import print_line

if TYPE_CHECKING:
    from bootstrap.cloud.foundation import Foundation


def bootstrap(
    domain: Annotated[
        str, typer.Option("--domain", metavar="DOMAIN", help="Make a public zone for this domain, too.")
    ] = "",
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Prepare an account and region for platforms.

    Makes a bucket for states and records, the key that encrypts them and, with a domain, its zone. Run it
    again at any time: it makes what is missing.

    \b
    Examples:
      idp cloud bootstrap
      idp cloud bootstrap --domain idp.example.org -o json
    """
    from bootstrap.cloud import foundation

    with reporting(progress) as reporter:
        laid = foundation.lay(domain, reporter)
    if output is Output.JSON:
        print_json(laid)
    else:
        _show(laid)


def _show(laid: Foundation) -> None:
    print_line(f"Account {laid.account}, region {laid.region}")
    print_line(f"Bucket  {laid.bucket}")
    print_line(f"Key     {laid.key}")
    if laid.zone:
        print_line(f"Zone    {laid.zone.domain}, {laid.zone.id}")
        print_line()
        print_line(f"Have the owner of the domain above delegate {laid.zone.domain}, once, by these records:")
        for server in laid.zone.name_servers:
            print_line(f"  {laid.zone.domain}. NS {server}.")


def teardown(
    domain: Annotated[
        str, typer.Option("--domain", metavar="DOMAIN", help="Remove the zone of this domain, too.")
    ] = "",
    yes: options.Yes = False,
    progress: options.Progress = Mode.AUTO,
) -> None:
    """Undo `idp cloud bootstrap`.

    Refuses while any platform is left. Removes the bucket with all earlier versions, schedules the key's
    deletion in seven days and, with a domain, removes the zone that idp made for it.

    \b
    Example:
      idp cloud teardown --domain idp.example.org --yes
    """
    from bootstrap.cloud import foundation

    foundation.refuse_platforms()
    if not yes:
        flag = f" --domain {domain}" if domain else ""
        consent.ask(
            "removing the foundation", "deletes all earlier states", f"idp cloud teardown{flag} --yes"
        )
    with reporting(progress) as reporter:
        foundation.raze(domain, reporter)
