"""Prices of today from the AWS Price List Query API, into the user's own table."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bootstrap.cloud.session import Aws, explained
from bootstrap.cost import prices
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter

SOURCE = "AWS Price List Query API"
#: How usage types begin: with a region's code (EUC1, EU), its name, or nothing in us-east-1.
_CODE, _NAME = "[A-Z]{2,4}[0-9]?", "[a-z]+(?:-[a-z]+)+-[0-9]"


@dataclass(frozen=True)
class Question:
    """What is asked of the Price List for one item: `usage` is the end of the usage type."""

    item: str
    service: str
    usage: str
    match: Mapping[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> list[dict[str, str]]:
        wanted = [{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in self.match.items()]
        return [*wanted, {"Type": "CONTAINS", "Field": "usagetype", "Value": self.usage}]

    def answered_by(self, product: Mapping[str, Any]) -> bool:
        """Is the usage type this one, with nothing but a region before it?"""
        usage = product["product"]["attributes"].get("usagetype", "")
        return bool(re.fullmatch(f"(?:{_CODE}-|{_NAME}-)?{re.escape(self.usage)}", usage))


@dataclass(frozen=True)
class Refreshed:
    """What came of it: the file, how many prices, and the items for which AWS gave none or several."""

    file: Path
    found: int
    missing: tuple[str, ...]


def refresh(aws: Aws, region: str, kinds: Iterable[str], today: date, reporter: Reporter) -> Refreshed:
    """Ask for every item, and for those of `kinds` (`rds:db.t4g.micro`), and keep the answers.

    Needs the right pricing:GetProducts. Raises IDP-C064 where AWS has no price at all for the region, and
    IDP-C002 to C007 where it does not answer.
    """
    listed = prices.items()
    client = aws.client("pricing", nearest(listed["endpoints"], region))
    asked = questions(listed["items"], region, kinds)
    found: dict[str, float] = {}
    with reporter.step(f"prices in {region}, {len(asked)} questions to AWS, seconds each") as step:
        for question in asked:
            price = _ask(client, question)
            if price is not None:
                found[question.item] = price
        missing = tuple(sorted({question.item for question in asked} - set(found)))
        without = f", none or several for {', '.join(missing)}" if missing else ""
        step.note(f"{len(found)} of {len(asked)} found{without}")
    if not found:
        raise IdpError(
            "IDP-C064",
            f"the AWS Price List has no prices for {region}",
            "the table stays as it was",
            "idp cost --region eu-central-1 --refresh",
        )
    return Refreshed(_keep(region, found, today), len(found), missing)


def nearest(endpoints: Iterable[str], region: str) -> str:
    """The endpoint on the region's continent, or the first."""
    known = list(endpoints)
    return next((e for e in known if e.split("-")[0] == region.split("-")[0]), known[0])


def questions(items: Mapping[str, Any], region: str, kinds: Iterable[str]) -> list[Question]:
    """What has to be asked; items that the Price List cannot be asked for are left out."""
    wanted = [name for name, item in items.items() if not item.get("kind")] + sorted(kinds)
    return [
        _question(name, items[name.split(":")[0]]["list"], region)
        for name in wanted
        if "list" in items[name.split(":")[0]]
    ]


def price_of(products: Iterable[Mapping[str, Any]], question: Question) -> float | None:
    """The on-demand price in USD of the first unit; None where there is none, or more than one."""
    found = {
        float(dimension["pricePerUnit"]["USD"])
        for product in products
        if question.answered_by(product)
        for term in product.get("terms", {}).get("OnDemand", {}).values()
        for dimension in term["priceDimensions"].values()
        if dimension.get("beginRange", "0") == "0" and "USD" in dimension["pricePerUnit"]
    }
    return found.pop() if len(found) == 1 else None


def _question(name: str, listed: Mapping[str, Any], region: str) -> Question:
    kind = name.partition(":")[2]
    here = {} if listed.get("everywhere") else {"regionCode": region}
    match = {key: value.format(kind=kind) for key, value in listed.get("match", {}).items()}
    return Question(name, listed["service"], listed["usage"].format(kind=kind), {**match, **here})


def _ask(client: Any, question: Question) -> float | None:
    with explained(f"asking for the price of {question.item} (pricing:GetProducts)"):
        pages = client.get_paginator("get_products").paginate(
            ServiceCode=question.service, Filters=question.filters, FormatVersion="aws_v1"
        )
        return price_of([json.loads(text) for page in pages for text in page["PriceList"]], question)


def _keep(region: str, found: Mapping[str, float], today: date) -> Path:
    """Replace the region's section in the user's table, and nothing else of it; whole, or not at all."""
    import yaml

    file = prices.users()
    whole = _before(file)
    whole["regions"][region] = {
        "as_of": today,
        "source": SOURCE,
        "prices": {
            item: {"usd": usd, "checked": True, "page": SOURCE} for item, usd in sorted(found.items())
        },
    }
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = file.with_suffix(f".{os.getpid()}")
    beside.write_text(yaml.safe_dump(whole, sort_keys=True))
    beside.replace(file)
    return file


def _before(file: Path) -> dict[str, Any]:
    """What the user's table holds already. Raises IDP-C063 where it cannot be read."""
    import yaml

    if not file.is_file():
        return {"regions": {}}
    prices.read(file)
    content: dict[str, Any] = yaml.safe_load(file.read_text())
    return content
