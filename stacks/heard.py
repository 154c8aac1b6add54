"""What Pulumi says while it runs, kept for when the run has ended: its changes, its errors, its refusals.

Properties are kept by name alone. Their values may be secrets, and these records are printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacks.policy import Violation, violation

_STACK = "pulumi:pulumi:Stack"
#: What a comparison with reality finds, and how it reads.
_DRIFT = {"update": "changed", "delete": "gone"}
#: Operations that leave a resource as it is.
IDLE = frozenset({"same", "read", "refresh"})


@dataclass(frozen=True)
class Change:
    """One resource, and what is to become of it or has become of it.

    `properties` are paths of those that differ, as far as the provider names them.
    """

    operation: str
    type: str
    name: str
    properties: tuple[str, ...] = ()


def counted(changes: tuple[Change, ...]) -> Mapping[str, int]:
    """How many resources each operation concerns."""
    return dict(sorted(Counter(change.operation for change in changes).items()))


class Words:
    """Keeps what is said in words: by Pulumi, by a provider, by a policy."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.violations: list[Violation] = []

    def hear(self, event: Any) -> None:
        """Take one engine event of the Automation API."""
        if event.diagnostic_event and event.diagnostic_event.severity in ("error", "warning"):
            self.messages.append(event.diagnostic_event.message.strip())
        elif event.policy_event and (found := violation(event.policy_event)):
            self.violations.append(found)


class Heard(Words):
    """Listens to a run that changes nothing: a preview, a comparison with reality."""

    def __init__(self) -> None:
        super().__init__()
        self._foreseen: list[Change] = []
        self._drift: list[Change] = []

    def on_event(self, event: Any) -> None:
        """Take one engine event of the Automation API."""
        self.hear(event)
        if event.resource_pre_event and event.resource_pre_event.metadata.logical:
            self._foresee(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._compare(event.res_outputs_event.metadata)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the run would do, the stack itself aside, by name."""
        return _sorted(self._foreseen)

    @property
    def drift(self) -> tuple[Change, ...]:
        """What is not as the state says, by name."""
        return _sorted(self._drift)

    def _foresee(self, metadata: Any) -> None:
        operation = operation_of(metadata)
        if operation not in IDLE and metadata.type != _STACK:
            self._foreseen.append(_change(operation, metadata))

    def _compare(self, metadata: Any) -> None:
        # The engine gives what it looked at again as what follows from that: an update, a deletion.
        found = _DRIFT.get(operation_of(metadata))
        if found and metadata.type != _STACK:
            self._drift.append(_change(found, metadata))


def operation_of(metadata: Any) -> str:
    return str(getattr(metadata.op, "value", metadata.op))


def name_of(urn: str) -> str:
    """The name that the program gave a resource."""
    return urn.rpartition("::")[2]


def _change(operation: str, metadata: Any) -> Change:
    gone = operation in ("gone", "delete")
    named = () if gone else tuple(sorted(metadata.detailed_diff or metadata.diffs or ()))
    return Change(operation, metadata.type, name_of(metadata.urn), named)


def _sorted(changes: list[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: (change.name, change.type, change.operation)))
