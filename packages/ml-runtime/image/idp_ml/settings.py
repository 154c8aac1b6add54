"""What `params.toml` says, as values; all that is wrong with it is said at once."""

from __future__ import annotations

import itertools
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from idp_ml.errors import Refused

Value = int | float | str | bool


@dataclass(frozen=True)
class Data:
    source: str
    target: str = ""
    test_share: float = 0.25
    seed: int = 7


@dataclass(frozen=True)
class Gate:
    """`minimum` is absolute; `tolerance` is how much worse than the version before is still good."""

    metric: str = "accuracy"
    minimum: float = 0.8
    tolerance: float = 0.0


@dataclass(frozen=True)
class Sweep:
    enabled: bool = False
    grid: dict[str, list[Value]] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameters:
    name: str
    data: Data
    model: dict[str, Value]
    gate: Gate
    sweep: Sweep

    def trials(self) -> list[dict[str, Value]]:
        """The combinations that a sweep tries; none where it is switched off."""
        if not self.sweep.enabled:
            return []
        names = list(self.sweep.grid)
        combinations = itertools.product(*self.sweep.grid.values())
        return [{**self.model, **dict(zip(names, chosen, strict=True))} for chosen in combinations]


METRICS = ("accuracy", "precision", "recall", "f1")
_SECTIONS = {"data": Data, "gate": Gate, "sweep": Sweep}


def load(folder: Path) -> Parameters:
    """The parameters of the repository in `folder`."""
    try:
        content = tomllib.loads((folder / "params.toml").read_text())
    except FileNotFoundError:
        raise Refused(f"{folder / 'params.toml'} does not exist") from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"params.toml: {error}") from None
    return parse(content)


def parse(content: dict[str, Any]) -> Parameters:
    wrong: list[str] = []
    sections = {
        name: _section(shape, name, content.get(name, {}), wrong) for name, shape in _SECTIONS.items()
    }
    known = {"name", "model", *_SECTIONS}
    wrong += [f"{key}: unknown; there are {', '.join(sorted(known))}" for key in content if key not in known]
    wrong += [f"{key}: is missing" for key in ("name", "data") if key not in content]
    if not wrong:
        made = Parameters(content["name"], model=content.get("model", {}), **sections)
        wrong = _wrong_values(made)
        if not wrong:
            return made
    raise Refused("params.toml:\n" + "\n".join(f"  {line}" for line in wrong))


def _section[T](shape: type[T], name: str, given: Any, wrong: list[str]) -> T | None:
    known = [f.name for f in fields(shape)]  # type: ignore[arg-type]
    if not isinstance(given, dict):
        wrong.append(f"[{name}]: must be a table")
        return None
    unknown = [key for key in given if key not in known]
    wrong += [f"[{name}] {key}: unknown; there are {', '.join(known)}" for key in unknown]
    try:
        return None if unknown else shape(**given)
    except TypeError as error:
        wrong.append(f"[{name}] {error}")
        return None


def _wrong_values(given: Parameters) -> list[str]:
    wrong = []
    if not 0.05 <= given.data.test_share <= 0.5:
        wrong.append(f"[data] test_share: {given.data.test_share} is not between 0.05 and 0.5")
    if given.gate.metric not in METRICS:
        wrong.append(f"[gate] metric: {given.gate.metric!r} is none of {', '.join(METRICS)}")
    for name, values in given.sweep.grid.items():
        if name not in given.model:
            wrong.append(f"[sweep.grid] {name}: is not a parameter of [model]")
        if not isinstance(values, list) or not values:
            wrong.append(f"[sweep.grid] {name}: must be a list of values")
    if given.sweep.enabled and not given.sweep.grid:
        wrong.append("[sweep] enabled, but [sweep.grid] is empty")
    return wrong
