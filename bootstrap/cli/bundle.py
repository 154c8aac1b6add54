"""`idp bundle …`: images and tools of a stack, by digest, for use without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bootstrap.cli import options, supply, views
from bootstrap.cli.options import Output, Source
from bootstrap.console import Mode, reporting
from bootstrap.model import Plan, Target

app = typer.Typer(
    help="Everything that `up` needs, by digest.",
    rich_markup_mode=None,
)
app.command("push")(supply.push)
app.command("verify")(supply.verify)
app.command("sbom")(supply.sbom)


@app.command()
def build(
    stack: options.Stack = options.DEFAULT_STACK,
    source: options.SourceOption = Source.AUTO,
    cloud: Annotated[
        bool, typer.Option("--cloud", help="With what only a cloud needs; a local platform can use it, too.")
    ] = False,
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Fetch or build every image of a stack.

    Resolves the stack into a lock; what is unchanged is kept, what was interrupted continues.

    \b
    Examples:
      idp bundle build --stack minimal --source packages
      idp bundle build --cloud
    """
    from bootstrap import bundle

    with reporting(progress) as reporter:
        lock = bundle.build(_plan(stack, "cloud" if cloud else "local"), bundle.Source(str(source)), reporter)
    views.bundle(lock, output)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    stack: options.Stack = options.DEFAULT_STACK,
    progress: options.Progress = Mode.AUTO,
) -> None:
    """Write a bundle to one file.

    To carry it to a machine without a network.

    \b
    Example:
      idp bundle export idp-bundle.tar
    """
    from bootstrap import bundle

    with reporting(progress) as reporter:
        bundle.export(_plan(stack), file, reporter)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `export` wrote.")],
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Take in a bundle file.

    `idp up --source bundle` then needs no network.

    \b
    Example:
      idp bundle import idp-bundle.tar
    """
    from bootstrap import bundle

    with reporting(progress) as reporter:
        lock = bundle.import_(file, reporter)
    views.bundle(lock, output)


@app.command()
def show(
    stack: options.Stack = options.DEFAULT_STACK,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """List the images of a bundle.

    \b
    Example:
      idp bundle show -o json
    """
    from bootstrap import bundle

    views.bundle(bundle.load(_plan(stack)), output)


def _plan(stack: str, kind: str = "local") -> Plan:
    """A bundle belongs to a stack; the name and the domain of an instance leave no trace in it."""
    from bootstrap import plan

    return plan.load(stack, Target(kind, options.DEFAULT_NAME), domain="idp.invalid")
