"""`idp diff` and `idp promote`: what differs between two platforms, and what brings one to the other."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from bootstrap.cli import consent, options, promoting
from bootstrap.cli.options import Output, PlanOutput
from bootstrap.console import Mode, print_json, reporting
from bootstrap.console.output import print_line
from bootstrap.errors import DIFFERENT, READY, WRONG_USE, IdpError


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="Platform by name, or NAME@COMMIT.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Platform that is held against it, or NAME@COMMIT.")],
    full: Annotated[bool, typer.Option("--full", help="Print the changed lines of manifests, too.")] = False,
    with_models: Annotated[
        bool, typer.Option("--with-models", help="Compare registered models, too.")
    ] = False,
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
      idp diff idp production --with-models
      idp diff idp@4f1c2ab idp -o json
      idp diff staging production -o markdown > comment.md
    """
    from bootstrap.cli import comparing
    from bootstrap.promotion import modelling, session

    with reporting(progress) as reporter:
        compare = modelling.difference if with_models else session.difference
        found = compare(a, b, reporter)
    match output:
        case PlanOutput.JSON:
            print_json(comparing.record(a, b, found, full))
        case PlanOutput.MARKDOWN:
            print_line("\n".join(comparing.markdown(a, b, found, full)))
        case PlanOutput.TABLE:
            comparing.show(a, b, found, full)
    raise typer.Exit(DIFFERENT if found else READY)


def promote(
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="A", autocompletion=options.complete_names, help="Platform it comes from."
        ),
    ] = "",
    target: Annotated[
        str,
        typer.Option("--to", metavar="B", autocompletion=options.complete_names, help="Platform it goes to."),
    ] = "",
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="ORG/NAME", help="Repository to promote; repeatable; default: all."),
    ] = None,
    with_models: Annotated[
        bool, typer.Option("--with-models", help="Registered models, their runs and artifacts, too.")
    ] = False,
    overwrite: Annotated[
        list[str] | None,
        typer.Option(
            "--overwrite", metavar="THING", help="What B may lose, as a refusal names it; repeatable."
        ),
    ] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Take the newest promotion to B back.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")
    ] = False,
    yes: options.Yes = False,
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Move what runs on A to B, by commit and digest.

    What would change is shown first. The platform, users' repositories with their whole history, services,
    catalogue and golden paths of B become those of A, and models if asked for; only addresses and the
    registry stay B's. What B has for itself stays. A promotion that was interrupted is finished by the same
    command. The exit code is 0 when everything runs, 4 where somebody has to approve first, and with
    --dry-run 3 where something differs.

    \b
    Examples:
      idp promote --from idp --to staging --dry-run
      idp promote --from idp --to staging --with-models
      idp promote --from idp --to staging --only ml/iris --only ml/iris-api
      idp promote --to staging --rollback
    """
    if not target or bool(source) == rollback or source == target:
        raise IdpError(
            "IDP-M003",
            "it takes a platform to promote to, and another one to promote from, or --rollback",
            f"given: --from {source or 'nothing'}, --to {target or 'nothing'}{', --rollback' * rollback}",
            "idp promote --help",
            exit_code=WRONG_USE,
        )
    if rollback:
        _roll_back(target, dry_run, yes, progress, output)
        return
    from bootstrap.promotion import carrying, proposal
    from bootstrap.promotion.proposal import Wish

    wish = Wish(source, target, tuple(only or ()), tuple(overwrite or ()), with_models)
    with ExitStack() as held:
        with reporting(progress) as reporter:
            found = held.enter_context(proposal.proposed(wish, reporter))
        promoting.show(found)
        if dry_run or not found:
            promoting.outline(found.entry if found else None, output)
            raise typer.Exit(DIFFERENT if found else READY)
        if not yes:
            command = f"idp promote --from {source} --to {target} --yes"
            consent.ask(f"promoting this to `{target}`", "changes what runs there", command)
        with reporting(progress) as reporter:
            done = carrying.carry_out(found, reporter)
    promoting.result(done, output)


def _roll_back(target: str, dry_run: bool, yes: bool, progress: Mode, output: Output) -> None:
    from bootstrap.promotion import rollback

    with ExitStack() as held:
        with reporting(progress) as reporter:
            found = held.enter_context(rollback.proposed(target, reporter))
        promoting.show_return(found)
        if dry_run:
            promoting.outline(found.entry, output)
            raise typer.Exit(DIFFERENT)
        if not yes:
            command = f"idp promote --to {target} --rollback --yes"
            consent.ask(f"taking {found.entry.id} back", f"changes what runs on `{target}`", command)
        with reporting(progress) as reporter:
            done = rollback.carry_out(found, reporter)
    promoting.result(done, output)
