"""`idp audit …`: the record of a model, to take away and to check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bootstrap.cli import options
from bootstrap.cli.options import Output
from bootstrap.console import print_json, print_table
from bootstrap.console.output import print_line
from bootstrap.errors import FAILED, WRONG_USE, IdpError

app = typer.Typer(help="Audit records of models: export them, check them.", rich_markup_mode=None)


@app.command()
def export(
    model: Annotated[str, typer.Argument(metavar="[MODEL]", help="Name of the model.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every model of the catalogue.")] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="FILE|DIR",
            help="Where to write: a file with a suffix, or a folder; default: here.",
        ),
    ] = None,
    name: options.Name = options.DEFAULT_NAME,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Write the audit record of a model.

    As sealed JSON, with a Markdown text beside it.

    \b
    Examples:
      idp audit export pump-state
      idp audit export --all --to records -o json
    """
    from bootstrap.audit import session

    if bool(model) == every:
        raise IdpError(
            "IDP-V003", "name one model, or --all", fix="idp audit export MODEL", exit_code=WRONG_USE
        )
    written = session.export(name, model, to)
    if output is Output.JSON:
        print_json(written)
    else:
        print_table(["model", "file", "sha256"], [[w["model"], w["file"], w["sha256"]] for w in written])


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A record that `export` wrote.")],
    name: options.Name = options.DEFAULT_NAME,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Hold an audit record against reality.

    Its seal, the commits in Git, and what the platform says now. All discrepancies are listed at once.

    \b
    Example:
      idp audit verify audit-pump-state.json
    """
    from bootstrap.audit import session

    faults = session.verify(name, file)
    if output is Output.JSON:
        print_json({"ok": not faults, "faults": faults})
        if faults:
            raise typer.Exit(FAILED)
    elif error := session.unsound(file, faults):
        raise error
    else:
        print_line(f"{file} holds: seal, commits, evidence and production are as it says")
