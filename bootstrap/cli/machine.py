"""Commands about this machine and this program: `doctor`, `explain`, `version`."""

from __future__ import annotations

from typing import Annotated

import typer

from bootstrap.cli import options
from bootstrap.cli.options import Output, Size
from bootstrap.console import print_json, print_table
from bootstrap.console.output import print_line
from bootstrap.errors import FAILED, WRONG_USE, IdpError


def doctor(
    name: options.Name = options.DEFAULT_NAME,
    stack: options.Stack = "",
    size: options.SizeOption = Size.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Examine this machine.

    Can a platform run here, and what is in its way?

    \b
    Examples:
      idp doctor
      idp doctor --stack minimal --size small -o json
    """
    from bootstrap import doctor as examination
    from bootstrap import instance
    from bootstrap.findings import failed

    known = instance.find(name)
    stack = stack or (known.stack if known else options.DEFAULT_STACK)
    found = examination.examine(name, stack, "" if size is Size.AUTO else str(size))
    if output is Output.JSON:
        print_json({"ok": not failed(found), "findings": found})
    else:
        for line in examination.report(found):
            print_line(line)
    if failed(found):
        raise typer.Exit(FAILED)


def _complete_codes() -> list[str]:
    from bootstrap.errors import catalogue

    return sorted(catalogue())


def explain(
    code: Annotated[
        str, typer.Argument(help="A code such as IDP-X001; none: list all.", autocompletion=_complete_codes)
    ] = "",
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Explain an error or finding by its code.

    Needs no network.

    \b
    Examples:
      idp explain IDP-X001
      idp explain
    """
    from bootstrap.errors import catalogue

    known = catalogue()
    wanted = code.upper() if code.upper().startswith("IDP-") or not code else f"IDP-{code.upper()}"
    if code and wanted not in known:
        raise IdpError("IDP-A014", f"there is no code `{code}`", fix="idp explain", exit_code=WRONG_USE)
    entries = [known[wanted]] if code else [known[key] for key in sorted(known)]
    if output is Output.JSON:
        print_json(entries)
    elif code:
        entry = entries[0]
        for line in (f"{entry.code}: {entry.title}", "", entry.meaning, "", "To fix it:", entry.remedy):
            print_line(line)
    else:
        print_table(["code", "title"], [[entry.code, entry.title] for entry in entries])


def version(output: options.OutputOption = Output.TABLE) -> None:
    """Print the version.

    \b
    Example:
      idp version -o json
    """
    import platform

    from bootstrap import __version__

    if output is Output.JSON:
        print_json({"idp": __version__, "python": platform.python_version()})
    else:
        print_line(f"idp {__version__} (Python {platform.python_version()})")
