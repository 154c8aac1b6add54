"""The way back: remove a platform and everything that `up` left on this machine."""

from __future__ import annotations

from bootstrap import instance
from bootstrap.progress import Reporter
from stacks import automation


def down(name: str, reporter: Reporter) -> None:
    """Remove the instance; what is already gone is no error. The cache stays: it belongs to all instances."""
    with instance.lock(name):
        with reporter.step("remove the cluster"):
            automation.destroy(name, reporter)
        with reporter.step("remove state and secrets"):
            instance.forget(name)
