"""Commands that look and change nothing: `plan`, `status`, `secrets`, `open`."""

from __future__ import annotations

from typing import Annotated

import typer

from bootstrap.cli import forecast, options, views
from bootstrap.cli.options import Output, PlanOutput, Size
from bootstrap.console import Mode, reporting
from bootstrap.console.output import print_line
from bootstrap.errors import DRIFTED, FAILED, READY, WRONG_USE, IdpError


def plan(
    name: options.Name = options.DEFAULT_NAME,
    local: options.Local = False,
    cloud: options.Cloud = False,
    target: options.TargetOption = "",
    stack: options.Stack = "",
    context: options.Context = "",
    facts: options.FactsFile = None,
    size: options.SizeOption = Size.AUTO,
    profile: options.Profile = "",
    domain: options.Domain = "",
    allow: options.Allow = None,
    rendered: Annotated[bool, typer.Option("--rendered", help="Print the manifests instead.")] = False,
    detect_drift: Annotated[
        bool,
        typer.Option(
            "--detect-drift", help="Compare what is recorded with what exists; exit code 3: differs."
        ),
    ] = False,
    progress: options.Progress = Mode.AUTO,
    output: options.PlanOutputOption = PlanOutput.TABLE,
) -> None:
    """Show what `idp up` would do, and what has drifted.

    Nothing changes. With a bundle at hand the plan ends with Pulumi's preview. With --detect-drift the
    exit code is 0 where everything is as recorded, 3 where something differs, 1 where that cannot be told.

    \b
    Examples:
      idp plan --stack minimal
      idp plan --cloud --profile workshop --domain idp.example.org
      idp plan --rendered > manifests.yaml
      idp plan -o json
      idp plan --cloud -o markdown > comment.md
      idp plan --cloud --detect-drift -o json
    """
    from bootstrap import given

    place = options.target(name, local, cloud, target, context, given.load(facts).facts)
    value = options.plan_for(place, stack, size, profile, domain, allow or ())
    from bootstrap import preview

    if rendered:
        views.rendered(preview.rendered(value))
        return
    if detect_drift:
        with reporting(progress) as reporter:
            drift = preview.drift(value, reporter)
        forecast.drift(value, drift, output)
        raise typer.Exit(DRIFTED if drift else READY)
    with reporting(progress) as reporter:
        found = preview.preview(value, reporter)
    forecast.plan(value, found, output)


def status(
    name: options.Name = options.DEFAULT_NAME,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Ask every part whether it works.

    The exit code is 0 only when the platform is ready.

    \b
    Examples:
      idp status
      idp status --name demo -o json
    """
    from bootstrap.status import status as ask

    found = ask(name)
    views.status(found, output)
    if not found.ready:
        raise typer.Exit(FAILED)


def secrets(
    name: options.Name = options.DEFAULT_NAME,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Show generated users and passwords.

    \b
    Examples:
      idp secrets
      idp secrets -o json
    """
    from bootstrap.secrets import list_secrets

    views.secrets(list_secrets(name), output)


def open_page(
    service: Annotated[str, typer.Argument(help="Which page: backstage, gitea …")] = "backstage",
    name: options.Name = options.DEFAULT_NAME,
    show: Annotated[bool, typer.Option("--print", help="Print the address only.")] = False,
) -> None:
    """Open a page of the platform.

    \b
    Examples:
      idp open
      idp open gitea --print
    """
    pages = _pages(name)
    if service not in pages:
        raise IdpError(
            "IDP-A013",
            f"the platform `{name}` has no page `{service}`",
            f"its pages: {', '.join(sorted(pages))}",
            f"idp open --name {name}",
            exit_code=WRONG_USE,
        )
    print_line(pages[service])
    if not show:
        import webbrowser

        webbrowser.open(pages[service])


def _pages(name: str) -> dict[str, str]:
    """Service -> URL, from what this machine remembers; works while the platform is stopped."""
    from bootstrap import recall

    resolved = recall.plan_of(name)
    return {p.endpoint.host: resolved.facts.url(p.endpoint.host) for p in resolved.packages if p.endpoint}
