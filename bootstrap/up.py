"""The only composer: from a target to a platform that answers, one stage after the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bootstrap import bundle, doctor, gitops, instance, ready, render, seed, status
from bootstrap import plan as planning
from bootstrap.bundle import Source, store
from bootstrap.instance import Instance
from bootstrap.model import Status, Target
from bootstrap.progress import Reporter
from stacks import automation
from stacks.engine import Supply, engine_for

AUTO = "auto"
DEFAULT_STACK = "reference"


@dataclass(frozen=True)
class Result:
    """Where `up` ended: the state of the platform, and whether this run changed anything."""

    status: Status
    changed: bool


def up(
    target: Target,
    stack: str,
    size: str,
    source: str,
    reporter: Reporter,
    *,
    port: int = 0,
    recreate: bool = False,
) -> Result:
    """Bring a platform up, or up to date; ends when real requests to every part succeed.

    An empty `stack`, size `auto` and port 0 mean: as the last time, or the default. Running it again
    continues where an earlier run stopped. `recreate` replaces the cluster, with all that is in it.
    """
    with instance.lock(target.name):
        with reporter.step("check this machine") as step, instance.choosing():
            here = _choose(target, stack, size, port)
            plan = planning.load(here.stack, target, here.size, here.https_port)
            for warning in doctor.preflight(plan, here.stack, port):
                step.note(f"{warning.code}: {warning.what}")
            if instance.find(target.name) is None:
                instance.remember(here)  # a first run that is killed goes on with the same ports
        with reporter.step("bundle") as step:
            lock = bundle.build(plan, Source(source), step)
            serving = store.prepare(lock, step)
        manifests = render.stack(plan, lock.references(), bundle.upstream_manifests(plan))
        with reporter.step("infrastructure") as step:
            first = render.first(plan, manifests)
            supply = Supply(serving.node_image, serving.folder, here.api_port, manifests=first)
            outcome = automation.up(plan, supply, step, recreate=recreate)
            for node in engine_for(target.kind).nodes(target.name):
                store.import_into_node(lock, node, step)  # what a running node lacks
        instance.remember(here)  # only now: a change that was refused is not remembered
        with reporter.step("delivery") as step:
            published = gitops.publish(plan, manifests, lock.id, step)
        with reporter.step("content") as step:
            expected, seeded = seed.plant(plan, lock.references(), step)
        with reporter.step("ready") as step:
            checks = ready.wait(plan, expected, step)
        return Result(status.after(plan, checks), outcome.changed or published or seeded)


def _choose(target: Target, stack: str, size: str, port: int) -> Instance:
    """What was asked for, else what an earlier run chose, else the default."""
    known = instance.find(target.name)
    chosen_stack = _absolute(stack) or (known.stack if known else DEFAULT_STACK)
    chosen_size = "" if size == AUTO else size
    taken = instance.remembered_ports()
    https_port = port or (known.https_port if known else instance.free_port(planning.DEFAULT_PORT, taken))
    return Instance(
        name=target.name,
        target=target.kind,
        stack=chosen_stack,
        size=chosen_size or (known.size if known else doctor.fitting_size(chosen_stack)),
        https_port=https_port,
        api_port=known.api_port if known else instance.free_api_port(taken),
    )


def _absolute(stack: str) -> str:
    """A definition of the user's own is remembered by a path that holds from any folder."""
    return str(Path(stack).resolve()) if stack.endswith((".yaml", ".yml")) else stack
