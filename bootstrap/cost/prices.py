"""The table of prices: the shipped one, and over it what the user fetched from AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bootstrap import paths
from bootstrap.errors import IdpError

HERE = Path(__file__).parent
SHIPPED, ITEMS = HERE / "prices.yaml", HERE / "items.yaml"
#: Where prices come from that a region lacks.
FALLBACK = "us-east-1"


@dataclass(frozen=True)
class Price:
    """USD for one unit of an item; `region` is whose price it is, `checked` whether it was read at AWS."""

    usd: float
    checked: bool
    as_of: str
    region: str


@dataclass(frozen=True)
class Table:
    """Prices by region and item. What a region lacks costs `uplift` times what it costs in us-east-1."""

    uplift: float
    regions: Mapping[str, Mapping[str, Price]]

    def price(self, region: str, item: str) -> Price | None:
        """The region's own price, or the raised one; None where neither is known."""
        own = self.regions.get(region, {}).get(item)
        other = self.regions.get(FALLBACK, {}).get(item)
        if own or other is None:
            return own
        return Price(other.usd * self.uplift, False, other.as_of, FALLBACK)

    def known(self, region: str, item: str) -> Price:
        """A price that is known to be there."""
        found = self.price(region, item)
        if found is None:
            raise KeyError(item)
        return found

    def over(self, other: Table) -> Table:
        """This table's prices, and those of another where it has none."""
        regions = {
            region: {**other.regions.get(region, {}), **self.regions.get(region, {})}
            for region in {**other.regions, **self.regions}
        }
        return Table(other.uplift, regions)


def users() -> Path:
    """Where fetched prices are kept."""
    return paths.data() / "prices.yaml"


def load() -> Table:
    """The shipped table with the user's over it. Raises IDP-C063 where the user's cannot be read."""
    shipped = read(SHIPPED)
    return read(users()).over(shipped) if users().is_file() else shipped


def read(file: Path) -> Table:
    """A table from its file. Raises IDP-C063 with all faults."""
    import yaml
    from pydantic import BaseModel, ConfigDict, Field, ValidationError

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)

    class Entry(Strict):
        usd: float = Field(ge=0)
        checked: bool
        page: str = ""

    class Section(Strict):
        as_of: date
        source: str
        prices: dict[str, Entry]

    class Whole(Strict):
        uplift: float = Field(default=1, ge=1)
        regions: dict[str, Section]

    try:
        whole = Whole.model_validate(yaml.safe_load(file.read_text()))
    except yaml.YAMLError as error:
        raise _unreadable(file, [str(error).replace("\n", " ")]) from error
    except ValidationError as error:
        faults = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()]
        raise _unreadable(file, faults) from error
    return Table(
        whole.uplift,
        {
            region: {
                item: Price(entry.usd, entry.checked, section.as_of.isoformat(), region)
                for item, entry in section.prices.items()
            }
            for region, section in whole.regions.items()
        },
    )


def items() -> dict[str, Any]:
    """What can be billed, and how the Price List names it: the content of items.yaml."""
    import yaml

    found: dict[str, Any] = yaml.safe_load(ITEMS.read_text())
    return found


def _unreadable(file: Path, faults: list[str]) -> IdpError:
    return IdpError(
        "IDP-C063",
        f"the table of prices {file} cannot be read",
        "without it the shipped one is used",
        f"rm {file}\nidp cost --refresh",
        faults,
    )
