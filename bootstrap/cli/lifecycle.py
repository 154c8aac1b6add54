"""Commands that change something: `up` and `down`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bootstrap.cli import options, views
from bootstrap.cli.options import Output, Size, Source
from bootstrap.console import Mode, reporting
from bootstrap.errors import WRONG_USE, IdpError


def up(
    name: options.Name = options.DEFAULT_NAME,
    local: options.Local = False,
    cloud: options.Cloud = False,
    target: options.TargetOption = "",
    stack: options.Stack = "",
    context: options.Context = "",
    facts: options.FactsFile = None,
    size: options.SizeOption = Size.AUTO,
    source: options.SourceOption = Source.AUTO,
    port: options.Port = 0,
    profile: options.Profile = "",
    domain: options.Domain = "",
    ttl: options.Ttl = "",
    recreate: Annotated[
        bool, typer.Option("--recreate", help="Replace the cluster; what is in it is lost.")
    ] = False,
    yes: options.Yes = False,
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Bring a platform up, or up to date.

    Ends when real requests to every part succeed. Run it again at any time: it continues where it
    stopped and changes only what differs.

    \b
    Examples:
      idp up --local
      idp up --local --name demo --stack minimal --size small
      idp up --cloud --profile workshop --domain idp.example.org --ttl 8h
      idp up --context my-cluster --facts my-cluster.yaml
    """
    from bootstrap import given

    told = given.load(facts)
    place = options.target(name, local, cloud, target, context, told.facts)
    from stacks.engine import engine_for

    engine_for(place.kind)
    if recreate and not yes:
        _consent(f"replacing the cluster of `{name}`", f"idp up --name {name} --recreate --yes")
    from bootstrap.up import up as bring_up

    with reporting(progress) as reporter:
        result = bring_up(
            place,
            stack,
            str(size),
            str(source),
            reporter,
            port=port,
            recreate=recreate,
            profile=profile,
            domain=domain,
            ttl=ttl,
            given=told.credentials,
        )
    views.ready(result, reporter.stages, output)


def down(
    name: options.Name = options.DEFAULT_NAME,
    yes: options.Yes = False,
    progress: options.Progress = Mode.AUTO,
) -> None:
    """Remove a platform with all its data.

    Images and tools stay in the cache for the next one.

    \b
    Examples:
      idp down
      idp down --name demo --yes
    """
    if not yes:
        _consent(f"removing `{name}`", f"idp down --name {name} --yes")
    from bootstrap.down import down as take_down

    with reporting(progress) as reporter:
        take_down(name, reporter)


def _consent(deed: str, command: str) -> None:
    """Ask at the terminal. Raises IDP-A012 where nobody can answer, or where the answer is no."""
    if not sys.stdin.isatty():
        raise IdpError(
            "IDP-A012",
            f"{deed} deletes its repositories and data, and there is no terminal to ask at",
            fix=command,
            exit_code=WRONG_USE,
        )
    question = f"{deed[0].upper()}{deed[1:]} deletes its repositories and data. Go on?"
    if not typer.confirm(question, err=True):
        raise IdpError("IDP-A012", "nothing was done: the answer was no", fix=command)
