"""The one error type for what a user can fix, and the catalogue that explains every code offline."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

READY, FAILED, WRONG_USE = 0, 1, 2
#: Two things that were compared are not equal; only where that was the question.
DIFFERENT = 3
#: What exists is not what is recorded.
DRIFTED = DIFFERENT
#: Somebody has to agree first.
WAITING = 4


@dataclass
class IdpError(Exception):
    """What happened, why, and the command that fixes it.

    `code` is stable and listed in `errors.yaml`; `faults` holds all faults of an input at once.
    """

    code: str
    what: str
    why: str = ""
    fix: str = ""
    faults: list[str] = field(default_factory=list)
    exit_code: int = FAILED

    def __str__(self) -> str:
        return f"{self.code}: {self.what}"


@dataclass(frozen=True)
class Explanation:
    """An entry of the catalogue: what a code means and how to get out of it."""

    code: str
    title: str
    meaning: str
    remedy: str


@cache
def catalogue() -> dict[str, Explanation]:
    """Every code that `idp` can print, by code."""
    import yaml  # only needed here, and every command imports this module

    entries = yaml.safe_load((Path(__file__).parent / "errors.yaml").read_text())
    return {code: Explanation(code, **entry) for code, entry in entries.items()}
