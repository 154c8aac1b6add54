"""What somebody may ask for who starts a workspace. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_REPOSITORY = re.compile(r"^[a-z0-9][a-z0-9._-]{0,38}/[A-Za-z0-9][A-Za-z0-9._-]{0,98}$")
_MINUTE = 1 / 60


class Refused(ValueError):  # noqa: N818 (an answer, not a failure)
    """A wish that cannot be granted; the message is for the person who has it."""


@dataclass(frozen=True)
class Limits:
    """Hours that a workspace lives, if nobody says otherwise and at most."""

    default: float
    most: float


@dataclass(frozen=True)
class Wish:
    """A repository to work on (`owner/name`, or none), and the hours for which the workspace lives."""

    repository: str
    hours: float

    @property
    def folder(self) -> str:
        """Name of the checkout in the workspace's home; empty without a repository."""
        return self.repository.partition("/")[2]

    @property
    def seconds(self) -> int:
        return round(self.hours * 3600)


def read(options: Mapping[str, Any], limits: Limits) -> Wish:
    """The wish in a form, an address or a call of the API. Raises Refused."""
    repository = _first(options.get("repository", ""))
    if repository and not _REPOSITORY.match(repository):
        raise Refused(f"“{repository}” is not the name of a repository; it looks like ml/my-experiment")
    written = _first(options.get("hours", "")) or str(limits.default)
    try:
        hours = float(written)
    except ValueError:
        raise Refused(f"“{written}” is not a number of hours") from None
    if not _MINUTE <= hours <= limits.most:
        raise Refused(f"a workspace lives for at least a minute and at most {limits.most:g} hours")
    return Wish(repository, hours)


def _first(value: Any) -> str:
    """Forms and addresses give lists, the API gives plain values."""
    if isinstance(value, (list, tuple)):
        value = value[0] if value else ""
    return str(value).strip()


def form(limits: Limits) -> str:
    """The questions on the page where a workspace is started by hand."""
    choices = sorted({hours for hours in (1, 2, 4, 8, 12, 24, limits.default) if hours <= limits.most})
    options = "".join(
        f'<option value="{hours:g}"{" selected" if hours == limits.default else ""}>{hours:g}</option>'
        for hours in choices
    )
    return f"""
<div class="mb-3">
  <label for="repository" class="form-label">Repository in Gitea, for instance ml/my-experiment</label>
  <input id="repository" name="repository" class="form-control" placeholder="none: an empty workspace">
</div>
<div class="mb-3">
  <label for="hours" class="form-label">Hours until it is taken down</label>
  <select id="hours" name="hours" class="form-select">{options}</select>
</div>
"""
