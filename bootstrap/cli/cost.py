"""`idp cost`: what a profile costs, before anything is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bootstrap.cli import options
from bootstrap.cli.options import Output
from bootstrap.console import Mode, print_json, print_table, reporting
from bootstrap.console.output import print_line
from bootstrap.errors import WRONG_USE, IdpError

if TYPE_CHECKING:
    from bootstrap.cost.assumptions import Span
    from bootstrap.cost.estimate import Estimate, Line
    from bootstrap.definitions import StackDefinition
    from bootstrap.sizing import CloudProfile

#: Where AWS configuration names no region.
_DEFAULT_REGION = "eu-central-1"


def cost(
    stack: options.Stack = options.DEFAULT_STACK,
    profile: options.Profile = "",
    every: Annotated[bool, typer.Option("--all", help="Compare all profiles of the stack.")] = False,
    region: Annotated[
        str,
        typer.Option(
            metavar="REGION", help="AWS region; default: that of the AWS configuration, or else eu-central-1."
        ),
    ] = "",
    ttl: options.Ttl = "",
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Fetch prices of today from AWS first; needs credentials.")
    ] = False,
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Estimate what a cloud platform costs.

    Per hour, per month and for its time to live, from a table of prices. Needs no AWS account.

    \b
    Examples:
      idp cost --profile workshop --ttl 8h
      idp cost --all --region us-east-1 -o json
      idp cost --refresh
    """
    from bootstrap import definitions, paths
    from bootstrap.cost import prices
    from bootstrap.cost.estimate import estimate

    definition = definitions.stack(stack, paths.stacks())
    contracts = definitions.packages(list(definition.packages), paths.packages())
    chosen = _profiles(definition, stack, profile, every)
    place, told = _region(region)
    if refresh:
        _refresh(place, _profiles(definition, stack, profile, every=True), progress, output)
    secrets = sum(len(contract.databases) for contract in contracts.values())
    found = estimate(chosen, place, prices.load(), secrets, ttl)
    if output is Output.JSON:
        records = [_record(value) for value in found]
        print_json(records if every else records[0])
    elif every:
        _compare(found, told)
    else:
        _show(found[0], told)


def _profiles(definition: StackDefinition, stack: str, profile: str, every: bool) -> list[CloudProfile]:
    """The chosen profile, or all. Raises IDP-C060."""
    from bootstrap import profiles

    cloud = definition.cloud
    if cloud is None or (profile or cloud.default_profile) not in cloud.profiles:
        known = ", ".join(cloud.profiles) if cloud else "none, for it has no section `cloud`"
        raise IdpError(
            "IDP-C060",
            f"the stack `{stack}` has no cloud profile `{profile}`"
            if profile
            else f"`{stack}` has no profile",
            f"profiles of the stack: {known}",
            f"idp cost --all --stack {stack if cloud else options.DEFAULT_STACK}",
            exit_code=WRONG_USE,
        )
    names = list(cloud.profiles) if every else [profile or cloud.default_profile]
    return [profiles.resolve(cloud, name) for name in names]


def _region(asked: str) -> tuple[str, str]:
    """The region, and who said so."""
    if asked:
        return asked, "as asked"
    from bootstrap.cloud import session

    try:
        return session.connect().region, "by the AWS configuration"
    except IdpError:
        return _DEFAULT_REGION, "by default, since no AWS configuration names one"


def _refresh(region: str, profiles: list[CloudProfile], progress: Mode, output: Output) -> None:
    from datetime import UTC, datetime

    from bootstrap.cloud import session
    from bootstrap.cost.estimate import kinds
    from bootstrap.cost.refresh import refresh

    wanted = set().union(*(kinds(profile) for profile in profiles))
    with reporting(progress) as reporter:
        done = refresh(session.connect(region), region, wanted, datetime.now(UTC).date(), reporter)
    if output is Output.TABLE:
        print_line(f"{done.found} prices of {region} are now in {done.file}")
        if done.missing:
            print_line(f"Without an unambiguous answer, and as before: {', '.join(done.missing)}")
        print_line()


def _show(value: Estimate, told: str) -> None:
    from bootstrap.cost import words

    print_line(f"Profile {value.profile} in {value.region} ({told})")
    print_line()
    print_table(
        ["what", "quantity", "unit", "usd each", "usd an hour", "usd a month", "depends on"],
        [
            [
                line.draft.what,
                words.quantity(line.draft.quantity),
                line.draft.unit,
                f"{line.price.usd:.4g}{'/h' if line.draft.hourly else '/month'}",
                words.amount(line.per_hour),
                words.amount(line.per_month),
                "nothing" if line.draft.fixed else "use",
            ]
            for line in value.lines
        ],
    )
    print_line()
    print_line(
        f"Total: {words.amount(value.per_hour)} USD an hour, {words.amount(value.per_month)} USD a month"
    )
    if value.for_life:
        print_line(f"Time to live: {words.life(value)}")
    print_line(words.budget(value))
    _say(words.remarks(value))


def _compare(found: list[Estimate], told: str) -> None:
    from bootstrap.cost import words

    print_line(f"All profiles in {found[0].region} ({told})")
    print_line()
    print_table(
        ["profile", "usd an hour", "usd a month", "time to live", "budget usd", "covered"],
        [
            [
                value.profile,
                words.amount(value.per_hour),
                words.amount(value.per_month),
                words.life(value) or "none",
                f"{value.budget:g}",
                "NO" if value.over_budget else "yes" if value.due.high <= value.budget else "the low bound",
            ]
            for value in found
        ],
    )
    dearest = max(found, key=lambda value: value.unchecked)
    _say(words.remarks(dearest))


def _say(remarks: list[str]) -> None:
    print_line()
    for remark in remarks:
        print_line(remark)


def _record(value: Estimate) -> dict[str, Any]:
    """The estimate for programs; amounts in USD."""
    from bootstrap.cost import words

    return {
        "profile": value.profile,
        "region": value.region,
        "currency": "USD",
        "as_of": value.as_of,
        "measured": False,
        "per_hour": _span(value.per_hour),
        "per_month": _span(value.per_month),
        "ttl_hours": value.hours or None,
        "for_ttl": _span(value.for_life) if value.for_life else None,
        "budget_usd_month": value.budget,
        "over_budget": value.over_budget,
        "lines": [_line(line) for line in value.lines],
        "remarks": words.remarks(value),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "what": line.draft.what,
        "item": line.draft.item,
        "quantity": line.draft.quantity,
        "unit": line.draft.unit,
        "usd_each": line.price.usd,
        "each": "hour" if line.draft.hourly else "month",
        "per_hour": _span(line.per_hour),
        "per_month": _span(line.per_month),
        "fixed": line.draft.fixed,
        "checked": line.price.checked,
        "price_of": line.price.region,
        "as_of": line.price.as_of,
    }


def _span(value: Span) -> dict[str, float]:
    return {"low": round(value.low, 4), "high": round(value.high, 4)}
