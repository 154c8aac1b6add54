"""`idp diff`: what a promotion from one platform to another would change there."""

from __future__ import annotations

from typing import Annotated

import typer

from bootstrap.cli import options
from bootstrap.cli.options import PlanOutput
from bootstrap.console import Mode, print_json, reporting
from bootstrap.console.output import print_line
from bootstrap.errors import DIFFERENT, READY


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="Platform by name, or NAME@COMMIT.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Platform that is held against it, or NAME@COMMIT.")],
    full: Annotated[bool, typer.Option("--full", help="Print the changed lines of manifests, too.")] = False,
    progress: options.Progress = Mode.AUTO,
    output: options.PlanOutputOption = PlanOutput.TABLE,
) -> None:
    """Show what a promotion from A to B would change.

    How B differs from what it shall hold then: per package by Kubernetes objects and fields; then images,
    repositories, services, catalogue and golden paths. What follows from the facts of B is no difference.
    With a commit of a platform's repository (NAME@COMMIT) on either side, manifests are compared as they
    stand, and nothing else. Nothing changes. The exit code is 0 where nothing differs, 3 where something
    does, 1 where that cannot be told.

    \b
    Examples:
      idp diff idp production
      idp diff idp production --full
      idp diff idp@4f1c2ab idp -o json
      idp diff staging production -o markdown > comment.md
    """
    from bootstrap.cli import comparing
    from bootstrap.promotion import session

    with reporting(progress) as reporter:
        found = session.difference(a, b, reporter)
    match output:
        case PlanOutput.JSON:
            print_json(comparing.record(a, b, found, full))
        case PlanOutput.MARKDOWN:
            print_line("\n".join(comparing.markdown(a, b, found, full)))
        case PlanOutput.TABLE:
            comparing.show(a, b, found, full)
    raise typer.Exit(DIFFERENT if found else READY)
