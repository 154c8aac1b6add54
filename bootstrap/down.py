"""The way back: remove a platform and everything that `up` left here and elsewhere."""

from __future__ import annotations

from dataclasses import replace

from bootstrap import instance
from bootstrap.cloud import records
from bootstrap.errors import IdpError
from bootstrap.instance import Instance
from bootstrap.progress import Reporter
from stacks import automation
from stacks.engine import Engine, engine_for

#: A platform that nobody remembers was one of this machine's own.
_LOCAL = "local"


def forget(name: str, reporter: Reporter) -> None:
    """Forget an instance whose cluster is gone for good; nothing elsewhere is touched."""
    with instance.lock(name), reporter.step("remove state and secrets"):
        records.forget(name)


def down(name: str, reporter: Reporter, *, delete_data: bool = False) -> None:
    """Remove the instance; what is already gone is no error. The cache stays: it belongs to all instances.

    Where data can outlive the cluster it is kept for the next `up` of that name, unless `delete_data`.
    Raises IDP-C040 where something is left that should be gone; the state is kept then, for the next try.
    """
    with instance.lock(name):
        known = _known(name)
        engine = engine_for(known.target if known else _LOCAL)
        keep = engine.keeps_data and not delete_data
        if known:
            with reporter.step("let go of what the cluster made") as step:
                engine.relinquish(known, automation.recorded(name), step, not keep)
        with reporter.step("remove the cluster"):
            automation.destroy(name, reporter, known.target if known else _LOCAL, keep=keep)
        if known:
            _check(engine, known, reporter)
        with reporter.step("remove state and secrets"):
            if known and keep:
                _retire(known)
            else:
                automation.forget(name)
                records.forget(name)


def _known(name: str) -> Instance | None:
    """What is remembered; a damaged record is as good as none, since everything is to go."""
    try:
        return instance.find(name)
    except IdpError:
        return None


def _check(engine: Engine, known: Instance, reporter: Reporter) -> None:
    """Raises IDP-C040 naming everything that is left."""
    with reporter.step("look for what is left") as step:
        left = engine.leftovers(known.name, known.region, automation.recorded(known.name))
        step.note(f"{len(left)} things" if left else "nothing")
    if left:
        raise IdpError(
            "IDP-C040",
            f"{len(left)} things of the platform `{known.name}` are still there",
            fix=f"idp cloud leaks --name {known.name}",
            faults=list(left),
        )


def _retire(known: Instance) -> None:
    """The record stays where all find it, so that the next `up` goes on from what was kept; nothing here."""
    records.remember(replace(known, expires=""))
    instance.forget(known.name)
