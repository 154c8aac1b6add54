"""The way back: remove a platform and everything that `up` left on this machine."""

from __future__ import annotations

import shutil

from bootstrap import instance, paths
from bootstrap.progress import Reporter
from stacks import automation


def down(name: str, reporter: Reporter) -> None:
    """Remove the instance; what is already gone is no error. The cache stays: it belongs to all instances."""
    with instance.lock(name):
        with reporter.step("remove the cluster"):
            automation.destroy(name, reporter)
        with reporter.step("remove state and secrets"):
            shutil.rmtree(paths.instance(name), ignore_errors=True)
