"""What a user can put right. Everything else is a bug and keeps its traceback."""

from __future__ import annotations

import contextlib
from pathlib import Path

#: The exit code of a refusal: trying again without a change would end the same way.
REFUSED = 3

_TERMINATION_LOG = Path("/dev/termination-log")


class Refused(Exception):
    """The data, the model or the settings are not acceptable; the message says why and what to do."""


def explain(message: str) -> None:
    """Leave the reason where Kubernetes and the workflow engine show it."""
    with contextlib.suppress(OSError):  # not in a pod: the output has it
        _TERMINATION_LOG.write_text(message[:2000])
