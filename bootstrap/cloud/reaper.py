"""Platforms whose time to live has passed: which they are, and taking them down one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bootstrap.errors import IdpError
from bootstrap.instance import Instance
from bootstrap.progress import Reporter

TakeDown = Callable[[Instance, Reporter], None]


@dataclass(frozen=True)
class Due:
    """A platform to remove; `fault` says why that failed, or why its record cannot be understood."""

    record: Instance
    fault: str = ""
    removed: bool = False


def due(records: Iterable[Instance], now: datetime) -> list[Due]:
    """Those whose end has passed, longest ago first; an end that cannot be read is one with a fault.

    Without an end a platform lives for ever.
    """
    ended = [Due(record, _fault(record)) for record in records if record.expires and _has_ended(record, now)]
    return sorted(ended, key=lambda one: (bool(one.fault), one.record.expires, one.record.name))


def reap(found: Sequence[Due], take_down: TakeDown, reporter: Reporter) -> list[Due]:
    """Take each down; one that fails does not keep the others standing."""
    return [one if one.fault else _reaped(one, take_down, reporter) for one in found]


def _reaped(one: Due, take_down: TakeDown, reporter: Reporter) -> Due:
    record = one.record
    try:
        with reporter.step(f"remove `{record.name}`, which ended {record.expires}"):
            take_down(record, reporter)
    except IdpError as error:
        return replace(one, fault=": ".join(part for part in (str(error), error.why) if part))
    except Exception as error:  # whatever it is, the next platform costs money, too
        return replace(one, fault=f"{type(error).__name__}: {error}")
    return replace(one, removed=True)


def _has_ended(record: Instance, now: datetime) -> bool:
    end = _end(record)
    return end is None or end <= now


def _fault(record: Instance) -> str:
    return "" if _end(record) else f"`{record.expires}` is no time (ISO 8601)"


def _end(record: Instance) -> datetime | None:
    try:
        end = datetime.fromisoformat(record.expires)
    except ValueError:
        return None
    return end if end.tzinfo else end.replace(tzinfo=UTC)
