"""The only composer: from a target to a platform that answers, one stage after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bootstrap import (
    admitting,
    bundle,
    doctor,
    gitops,
    instance,
    ready,
    recall,
    render,
    seed,
    status,
    targets,
)
from bootstrap import plan as planning
from bootstrap.bundle import Source, store
from bootstrap.cloud import records
from bootstrap.cloud.ttl import expires_at
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.instance import Instance
from bootstrap.model import Plan, Status, Target
from bootstrap.progress import Reporter
from stacks import automation
from stacks.engine import Engine, Place, engine_for, supply

AUTO = "auto"
DEFAULT_STACK = "reference"


@dataclass(frozen=True)
class Result:
    """Where `up` ended: the state of the platform, and whether this run changed anything.

    `facts` are the target's, those included that only provisioning tells; `expires` says when the platform
    may be removed (ISO 8601, UTC), where it has an end.
    """

    status: Status
    changed: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
    expires: str = ""


@dataclass(frozen=True)
class Wish:
    """What a user asks for.

    An empty `stack`, size `auto` and port 0 mean: as the last time, or the default; so do an empty `profile`,
    `domain`, `ttl` and `allow`, which are for clouds.
    """

    target: Target
    stack: str = ""
    size: str = AUTO
    port: int = 0
    profile: str = ""
    domain: str = ""
    ttl: str = ""
    allow: Sequence[str] = ()


@dataclass(frozen=True)
class Examined:
    """What will be brought about and where, once nothing is in its way; nothing has changed yet."""

    here: Instance
    plan: Plan
    place: Place


def examine(wish: Wish, reporter: Reporter) -> Examined:
    """Resolve a wish and look for what is in its way. Raises IDP-D000 with every fault at once."""
    with instance.lock(wish.target.name):
        return _examine(wish, engine_for(wish.target.kind), reporter)


def up(
    wish: Wish,
    source: str,
    reporter: Reporter,
    *,
    recreate: bool = False,
    given: Mapping[str, str] | None = None,
) -> Result:
    """Bring a platform up, or up to date; ends when real requests to every part succeed.

    Running it again continues where an earlier run stopped. `recreate` replaces the cluster, with all that
    is in it. `given` are keys to services that the user runs, by the ids under which the stack keeps them.
    """
    with instance.lock(wish.target.name):
        return renew(wish, source, reporter, recreate=recreate, given=given)


def renew(
    wish: Wish,
    source: str,
    reporter: Reporter,
    *,
    recreate: bool = False,
    given: Mapping[str, str] | None = None,
) -> Result:
    """The same for whoever holds the platform's lock already."""
    engine, name = engine_for(wish.target.kind), wish.target.name
    found = _examine(wish, engine, reporter)
    here, plan, place = found.here, found.plan, found.place
    if instance.find(name) is None:
        records.remember(here)  # a first run that is killed goes on with the same ports
    with reporter.step("bundle") as step:
        lock = bundle.build(plan, Source(source), step)
        serving = store.prepare(lock, step)
    references = lock.references(plan.facts.registry)
    manifests = render.stack(plan, references, bundle.upstream_manifests(plan))
    with reporter.step("infrastructure") as step:
        given_over = supply(
            plan,
            place,
            manifests,
            lock.platform_images(plan.facts.registry),
            (here.owner, here.expires),
            node_image=serving.node_image,
            image_store=serving.folder,
            api_port=here.api_port,
            given=given,
        )
        outcome = automation.up(plan, given_over, step, recreate=recreate)
        for node in engine.nodes(name):
            store.import_into_node(lock, node, step)  # what a running node lacks
        admitting.admit_bundle(plan, lock, step)
        reached = engine.reach(plan, place, step)
    records.remember(here)  # only now: a change that was refused is not remembered
    with reporter.step("delivery") as step:
        published = gitops.publish(plan, manifests, lock.id, step)
    with reporter.step("content") as step:
        expected, seeded = seed.plant(plan, references, step)
    with reporter.step("ready") as step:
        checks = ready.wait(plan, expected, step)
        engine.restored(name, place.region, step)
    changed = outcome.changed or reached or published or seeded
    facts = {**asdict(plan.facts), **outcome.facts}
    return Result(status.after(plan, checks), changed, facts, here.expires)


def _examine(wish: Wish, engine: Engine, reporter: Reporter) -> Examined:
    with reporter.step("check this machine") as step, instance.choosing():
        here = _choose(wish)
        plan = recall.planned(here)
        place = engine.locate(plan)
        here = _settled(here, plan, place, wish.ttl)
        plan = planning.located(plan, place.facts)
        in_the_way = engine.check(plan, place, instance.find(here.name) is not None)
        for warning in doctor.preflight(plan, here.stack, wish.port, in_the_way):
            step.note(f"{warning.code}: {warning.what}")
    return Examined(here, plan, place)


def _choose(wish: Wish) -> Instance:
    """What was asked for, else what an earlier run chose, else the default."""
    target = wish.target
    known = instance.find(target.name)
    stack = _absolute(wish.stack) or (known.stack if known else DEFAULT_STACK)
    size = "" if wish.size == AUTO else wish.size
    taken = instance.remembered_ports()
    port = wish.port or (known.https_port if known else instance.free_port(planning.DEFAULT_PORT, taken))
    return Instance(
        name=target.name,
        target=target.kind,
        stack=stack,
        size=size or (known.size if known else _fitting_size(target, stack)),
        https_port=port,
        api_port=known.api_port if known else instance.free_api_port(taken),
        profile=wish.profile or (known.profile if known else ""),
        domain=wish.domain or (known.domain if known else ""),
        region=known.region if known else "",
        account=known.account if known else "",
        expires=known.expires if known else "",
        owner=known.owner if known else "",
        allow=list(wish.allow) or (known.allow if known else []),
        context=target.context,
        facts=dict(target.facts),
        state_bucket=known.state_bucket if known else "",
    )


def _fitting_size(target: Target, stack: str) -> str:
    """What this machine holds where pods run here; elsewhere the stack's default."""
    return doctor.fitting_size(stack) if targets.kind(target.kind).here else ""


def _settled(here: Instance, plan: Plan, place: Place, ttl: str) -> Instance:
    """The instance with its place, for life, and its end. Raises IDP-P021 where it stands elsewhere."""
    recorded, found = (here.account, here.region), (place.account, place.region)
    if any(recorded) and recorded != found:
        raise IdpError(
            "IDP-P021",
            f"the platform `{here.name}` stands in another account or region",
            f"recorded: account {here.account}, {here.region}; now: account {place.account}, {place.region}",
            f"use credentials of account {here.account} and AWS_REGION={here.region}, or another --name",
            exit_code=WRONG_USE,
        )
    lifetime = ttl or ("" if here.expires or not plan.cloud else plan.cloud.ttl_default)
    expires = expires_at(datetime.now(UTC), lifetime) if lifetime else here.expires
    # A platform's state stays where it began.
    bucket = here.state_bucket or ("" if any(recorded) else place.state_bucket)
    return replace(
        here,
        account=place.account,
        region=place.region,
        owner=here.owner or place.owner,
        expires=expires,
        state_bucket=bucket,
    )


def _absolute(stack: str) -> str:
    """A definition of the user's own is remembered by a path that holds from any folder."""
    return str(Path(stack).resolve()) if stack.endswith((".yaml", ".yml")) else stack
