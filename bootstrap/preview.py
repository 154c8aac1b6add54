"""What `idp plan` shows beyond the plan: rendered manifests and Pulumi's preview. Neither changes a thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootstrap import bundle, instance, render, targets
from bootstrap import plan as planning
from bootstrap.bundle import store
from bootstrap.bundle.lock import Lock
from bootstrap.errors import IdpError
from bootstrap.instance import Instance
from bootstrap.model import Manifests, Plan
from bootstrap.progress import Reporter

if TYPE_CHECKING:
    from stacks.automation import Drift, Outcome

_NO_BUNDLE = "IDP-B007"
UNBUILT = "sha256:" + "0" * 64


def rendered(plan: Plan) -> dict[str, Manifests]:
    """All manifests as they would be committed; digests are zeros while the bundle is not built."""
    lock = _lock(plan)
    if lock:
        return render.stack(plan, lock.references(plan.facts.registry), bundle.upstream_manifests(plan))
    return render.stack(plan, unbuilt(plan), {})


def unbuilt(plan: Plan) -> dict[str, str]:
    """References of images that have no digest yet."""
    return {
        image.name: image.known_as or f"{plan.facts.registry}/{image.name}@{UNBUILT}" for image in plan.images
    }


def preview(plan: Plan, reporter: Reporter) -> Outcome | str:
    """Resources that would change, each and by operation, or why there is no preview yet."""
    name = plan.target.name
    with instance.lock(name):
        known = instance.find(name)
        try:
            return _preview(plan, known, reporter)
        finally:
            if not known:  # a workspace to preview in, access to a cluster: what is no platform leaves none
                instance.forget(name)


def _preview(plan: Plan, known: Instance | None, reporter: Reporter) -> Outcome | str:
    from stacks import automation
    from stacks.engine import engine_for, supply

    try:
        place = engine_for(plan.target.kind).locate(plan)
    except IdpError as error:
        return f"none: {error.what} ({error.code})"
    plan = planning.located(plan, place.facts)
    lock = _lock(plan)
    if not lock:
        cloud = " --cloud" * targets.kind(plan.target.kind).by_profile
        return f"none before the bundle is complete: idp bundle build{cloud} --stack {plan.stack}"
    references = lock.references(plan.facts.registry)
    manifests = render.stack(plan, references, bundle.upstream_manifests(plan))
    given_over = supply(
        plan,
        place,
        manifests,
        lock.platform_images(plan.facts.registry),
        (known.owner, known.expires) if known else (place.owner, ""),
        node_image=lock.node,
        image_store=store.place(lock),
        api_port=known.api_port if known else instance.API_PORT,
    )
    with reporter.step("preview") as step:
        return automation.preview(plan, given_over, step)


def drift(plan: Plan, reporter: Reporter) -> Drift:
    """What differs between the platform's state and what exists, with nothing changed.

    Raises IDP-P020 and IDP-C001 to C007 (cloud account), IDP-P023 (no state), IDP-P009 (it cannot be seen).
    """
    from stacks import automation
    from stacks.engine import engine_for

    engine_for(plan.target.kind).locate(plan)
    with instance.lock(plan.target.name), reporter.step("compare the state with what exists") as step:
        return automation.drift(plan.target.name, step)


def _lock(plan: Plan) -> Lock | None:
    """The lock of the plan's bundle, unless there is none yet or it is older than an image of the plan."""
    try:
        lock = bundle.load(plan)
    except IdpError as error:
        if error.code == _NO_BUNDLE:
            return None
        raise
    locked = {image.name for image in lock.images}
    return lock if all(image.name in locked for image in plan.images) else None
