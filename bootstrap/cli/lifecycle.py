"""Commands that change something: `up` and `down`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bootstrap import targets
from bootstrap.cli import consent, options, views
from bootstrap.cli.options import Output, Size, Source
from bootstrap.console import Mode, reporting
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter

if TYPE_CHECKING:
    from bootstrap.up import Wish


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
    allow: options.Allow = None,
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
      idp up --cloud --profile workshop --domain idp.example.org --ttl 8h --allow 192.0.2.0/24
      idp up --context my-cluster --facts my-cluster.yaml
    """
    from bootstrap import given

    told = given.load(facts)
    place = options.target(name, local, cloud, target, context, told.facts)
    from stacks.engine import engine_for

    engine_for(place.kind)
    if recreate and not yes:
        loss = "deletes its repositories and data"
        consent.ask(f"replacing the cluster of `{name}`", loss, f"idp up --name {name} --recreate --yes")
    from bootstrap.up import Wish
    from bootstrap.up import up as bring_up

    wish = Wish(place, stack, str(size), port, profile, domain, ttl, allow or ())
    if targets.kind(place.kind).by_profile:
        _agree_to_cost(wish, yes, progress)
    with reporting(progress) as reporter:
        result = bring_up(wish, str(source), reporter, recreate=recreate, given=told.credentials)
    views.ready(result, reporter.stages, output)


def down(
    name: options.Name = options.DEFAULT_NAME,
    cloud: options.Cloud = False,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Keep nothing of a cloud platform's data either.")
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Only forget it: its cluster is gone for good.")
    ] = False,
    yes: options.Yes = False,
    progress: options.Progress = Mode.AUTO,
) -> None:
    """Remove a platform.

    One on this machine goes with all its data; images and tools stay in the cache for the next one. A cloud
    platform's data is kept for the next `idp up --cloud` of that name, and whatever else is left is listed.

    \b
    Examples:
      idp down
      idp down --name demo --yes
      idp down --cloud --name team --delete-data
    """
    with reporting(progress) as reporter:
        shared = _shared(name, cloud, reporter)
    if not yes:
        loss = "deletes its repositories and data"
        if shared and not delete_data:
            loss = "ends it; its data is kept as snapshots and buckets, which cost money"
        if forget:
            loss = "leaves whatever it has made, and loses the generated passwords"
        flags = " --cloud" * shared + " --delete-data" * delete_data + " --forget" * forget
        consent.ask(f"removing `{name}`", loss, f"idp down --name {name}{flags} --yes")
    from bootstrap import down as removal

    with reporting(progress) as reporter:
        if forget:
            removal.forget(name, reporter)
        else:
            removal.down(name, reporter, delete_data=delete_data)


def _shared(name: str, cloud: bool, reporter: Reporter) -> bool:
    """Is it a platform that others share? Then what is known of it is fetched first."""
    from bootstrap import instance

    try:
        known = instance.find(name)
    except IdpError:
        known = None
    if not cloud and not (known and known.state_bucket):
        return False
    from bootstrap.connect import use

    return use(name, reporter) is not None


def _agree_to_cost(wish: Wish, yes: bool, progress: Mode) -> None:
    """Examine first, then show what the platform will cost, and ask. Raises IDP-A012 for a no."""
    from bootstrap import cost
    from bootstrap.up import examine

    with reporting(progress) as reporter:
        found = examine(wish, reporter)
    summary = cost.summary(cost.of_plan(found.plan, found.place.region, wish.ttl))
    sys.stderr.write(f"{summary}\n")  # standard output is the result's
    if not yes:
        name = wish.target.name
        consent.ask(f"bringing `{name}` up", "costs money from now on", f"idp up --cloud --name {name} --yes")
