"""`idp template …`: golden paths, for those who write them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bootstrap.cli import options
from bootstrap.cli.options import Output
from bootstrap.console import Mode, print_json, print_table, reporting
from bootstrap.console.output import print_line
from bootstrap.model import Plan, Target

app = typer.Typer(
    help="Golden paths: list them, start one, test them.",
    rich_markup_mode=None,
)


def _complete_templates() -> list[str]:
    from bootstrap import paths

    return sorted(folder.name for folder in paths.templates().glob("*") if folder.is_dir())


@app.command("list")
def list_templates(
    name: options.Name = options.DEFAULT_NAME,
    stack: options.Stack = "",
    output: options.OutputOption = Output.TABLE,
) -> None:
    """List the golden paths.

    A stack offers those whose images it has.

    \b
    Examples:
      idp template list
      idp template list --stack minimal -o json
    """
    from bootstrap.goldenpath import shelf

    plan = _plan(name, stack)
    entries = shelf.entries(plan)
    if output is Output.JSON:
        print_json(
            [
                {
                    "name": e.name,
                    "title": e.title,
                    "type": e.type,
                    "description": e.description,
                    "offered": e.offered,
                    "missing_images": e.missing,
                }
                for e in entries
            ]
        )
        return
    offered = {e.name: "yes" if e.offered else f"no: lacks {', '.join(e.missing)}" for e in entries}
    print_table(
        ["name", "title", "type", f"in {plan.stack}", "description"],
        [[e.name, e.title, e.type, offered[e.name], e.description] for e in entries],
    )


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the golden path and of its folder.")],
    folder: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where to put its folder; default: `templates` of a checkout, else here."
        ),
    ] = None,
) -> None:
    """Start a golden path.

    Writes a small, complete one that passes `idp template test`.

    \b
    Examples:
      idp template new batch-report
      idp template new batch-report --folder ~/golden-paths
    """
    from bootstrap.goldenpath.start import home, start

    made = start(name, folder)
    print_line(f"Started {made}")
    print_line()
    print_line(f"Next:  idp template test {name if made.parent == home() and not folder else made}")
    print_line(f"       edit {made / 'template.yaml.j2'} and {made / 'skeleton'}")


@app.command("test")
def try_out(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME|PATH]...",
            help="Which golden paths, by name or folder; none: all.",
            autocompletion=_complete_templates,
        ),
    ] = None,
    name: options.Name = options.DEFAULT_NAME,
    stack: options.Stack = "",
    deploy: Annotated[
        bool | None,
        typer.Option(
            "--deploy/--no-deploy",
            help="Try each on the platform too; default: if it runs.",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the repositories, and what was deployed.")
    ] = False,
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Test golden paths.

    Reads each template, writes the repository of its `example.yaml`, looks through it, runs the tests
    inside it in the platform's image, and runs it on the platform. All faults are listed at the end.

    \b
    Examples:
      idp template test
      idp template test llm-app --no-deploy --keep
      idp template test ~/golden-paths/batch-report
    """
    from bootstrap.goldenpath import session

    with reporting(progress) as reporter:
        outcomes = session.check(_plan(name, stack), names or [], reporter, deploy=deploy, keep=keep)
    if output is Output.JSON:
        print_json(outcomes)
    else:
        phases = session.PHASES
        print_table(["golden path", *phases], [[o.name, *(o.phases[p] for p in phases)] for o in outcomes])
    if error := session.unsound(outcomes):
        raise error


def _plan(name: str, stack: str) -> Plan:
    """The platform of that name where there is one, else one of the stack that does not exist yet."""
    return options.plan_for(Target("local", name), stack)
