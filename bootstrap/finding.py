"""What an examination found, of a machine, an account or a cluster. One shape for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Fine, worth knowing, or in the way."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One answer: `detail` has the figures, `remedy` the command or the change that helps."""

    code: str
    title: str
    state: State
    detail: str
    remedy: str = ""

    @property
    def what(self) -> str:
        """The finding in one line."""
        return f"{self.title}: {self.detail}"
