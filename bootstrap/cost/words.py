"""An estimate in words and figures for people."""

from __future__ import annotations

from bootstrap.cost.assumptions import Span
from bootstrap.cost.estimate import Estimate


def amount(span: Span) -> str:
    """Low to high with as many digits as mean something; one figure where both are the same."""
    low, high = _figure(span.low), _figure(span.high)
    return low if low == high else f"{low} to {high}"


def quantity(span: Span) -> str:
    return f"{span.low:g}" if span.low == span.high else f"{span.low:g} to {span.high:g}"


def life(value: Estimate) -> str:
    """`8 h: 5.31 to 14 USD`; empty where there is no time to live."""
    return f"{value.hours} h: {amount(value.for_life)} USD" if value.for_life else ""


def summary(value: Estimate) -> str:
    """One or two lines to read before consent is asked for."""
    figures = [f"{amount(value.per_hour)} USD an hour", f"{amount(value.per_month)} USD a month"]
    first = f"Estimated cost in {value.region}: {', '.join([*figures, life(value)]).removesuffix(', ')}"
    return "\n".join([f"{first} (before tax, prices of {value.as_of}, not measured)", *over(value)])


def over(value: Estimate) -> list[str]:
    """That the budget does not cover it, where it does not."""
    if not value.over_budget:
        return []
    return [
        f"Over budget: at least {_figure(value.due.low)} USD, "
        f"and the profile `{value.profile}` allows {value.budget:g} USD a month"
    ]


def budget(value: Estimate) -> str:
    """How the estimate stands to the month's budget, for its time to live where that is shorter."""
    if value.over_budget:
        return over(value)[0]
    within = value.due.high <= value.budget
    span = f"the low bound is within {value.budget:g} USD a month, the high one is not"
    return f"Budget: {f'within {value.budget:g} USD a month' if within else span}"


def remarks(value: Estimate) -> list[str]:
    """What the figures are worth."""
    found = [
        f"An estimate in USD before tax, with prices as of {value.as_of}; nothing here was measured.",
        "Low: freshly started, nobody at work. High: all nodes that the profile allows, in use.",
    ]
    if value.unchecked:
        found.append(
            f"{value.unchecked} of {len(value.lines)} prices were not read at AWS: "
            f"`idp cost --refresh --region {value.region}` fetches them."
        )
    if value.borrowed:
        lacking = f"prices of {len(value.borrowed)} of {len(value.lines)} lines"
        whole = len(value.borrowed) == len(value.lines)
        found.append(
            f"The table has no {'prices' if whole else lacking} for {value.region}: "
            f"taken from us-east-1 and raised by {value.uplift - 1:.0%}, a guess."
        )
    return found


def _figure(usd: float) -> str:
    """To the cent, finer below one, and whole dollars from a hundred on."""
    if usd >= 100:
        return f"{usd:,.0f}"
    return f"{usd:.2f}" if usd >= 0.01 or usd == 0 else f"{usd:.4f}"
