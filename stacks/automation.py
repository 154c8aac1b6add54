"""Bring a stack about, preview it, refresh it, take it down: Pulumi as one function each.

The caller holds the instance's lock. Every function can be repeated after it was killed at any point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi.automation.errors import CommandError

from bootstrap import paths
from bootstrap.errors import IdpError
from bootstrap.model import Plan
from bootstrap.progress import Reporter, Step
from bootstrap.shell import tail
from stacks import backend, dynamic, keeping, policy, program, underway, workspace
from stacks.engine import CLUSTER, Engine, Preparation, Supply, engine_for
from stacks.heard import Change, Heard, Words, counted
from stacks.progress import Steps
from stacks.state import Recorded, locked_in

#: Errors after which a platform can only be removed without its state.
_WITHOUT_STATE = ("IDP-P003", "IDP-P005", "IDP-X001")


@dataclass(frozen=True)
class Outcome:
    """What a run did: resources by operation (`create`, `update`, `delete` …), facts of the target."""

    changes: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: Did this run make the cluster? An older one may lack images of a newer bundle.
    new_cluster: bool = False
    #: Of a preview: each resource that would change.
    resources: tuple[Change, ...] = ()

    @property
    def changed(self) -> bool:
        return any(self.changes.values())


@dataclass(frozen=True)
class Drift:
    """What is not as the state says: `changed` or `gone`, resource by resource."""

    resources: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.resources)


def up(plan: Plan, supply: Supply, reporter: Reporter, *, recreate: bool = False) -> Outcome:
    """Bring the cluster and everything that Pulumi owns in it to the planned state.

    Raises IDP-P002 (locked), IDP-P003 and IDP-P005 (state lost), IDP-P004 (would lose data),
    IDP-P006 and IDP-P007 (cluster), IDP-P022 (policies), IDP-P009 (anything else in Pulumi).
    """
    engine = engine_for(plan.target.kind)
    name = plan.target.name
    _recover(name, reporter)
    supply = replace(supply, kept=engine.restorable(plan, supply, workspace.state(name).read()))
    stack = workspace.open_stack(name, lambda: program.declare(plan, supply, engine))
    _prepare(stack, plan, supply, engine, reporter, recreate)
    program.write_manifests(plan, supply)
    packs = _packs(stack, plan, engine)
    if packs:
        with reporter.step("policies") as step:
            _hold(stack, packs, step)
    with _running(name, reporter) as steps:
        stack.up(on_event=steps.on_event, color="never", suppress_outputs=True, policy_packs=packs or None)
    workspace.tidy(name)
    outputs = workspace.state(name).read().outputs
    paths.ca_certificate(name).write_text(outputs["ca"])
    return Outcome(steps.changes, outputs.get("facts", {}), CLUSTER in steps.created)


def _packs(stack: workspace.Stack, plan: Plan, engine: Engine) -> list[str]:
    """Policy packs to run, their settings put into the environment. Raises IDP-C001 (not installed)."""
    packs, settings = policy.packs(engine.policies(plan))
    stack.workspace.env_vars = {**stack.workspace.env_vars, **settings}
    return packs


def _hold(stack: workspace.Stack, packs: list[str], step: Step) -> None:
    """Look ahead, so that policies refuse before anything is made. Raises IDP-P022.

    During the run itself they would refuse one resource while others are being made. Whatever else goes
    wrong here will go wrong there, and is told there.
    """
    heard = Heard()
    try:
        stack.preview(on_event=heard.on_event, color="never", policy_packs=packs)
    except CommandError:
        if not heard.violations:
            step.note("no preview was possible; they hold for each resource as it is made")
    if heard.violations:
        raise policy.forbidden(heard.violations)


def preview(plan: Plan, supply: Supply, reporter: Reporter) -> Outcome:
    """What `up` would do, without doing any of it. Raises IDP-P022 (policies), IDP-P009."""
    engine = engine_for(plan.target.kind)
    name = plan.target.name
    _recover(name, reporter)
    supply = replace(supply, kept=engine.restorable(plan, supply, workspace.state(name).read()))
    stack = workspace.open_stack(name, lambda: program.declare(plan, supply, engine))
    program.write_manifests(plan, supply)
    packs = _packs(stack, plan, engine)
    heard = Heard()
    with _explaining(name, heard):
        stack.preview(on_event=heard.on_event, color="never", policy_packs=packs or None)
    return Outcome(counted(heard.changes), resources=heard.changes)


def drift(name: str, reporter: Reporter) -> Drift:
    """What differs between the state and what exists; neither is changed, and the program does not run.

    What Pulumi made is compared, objects of packages are not: they are Argo CD's to put right.
    Raises IDP-P023 where there is no state, IDP-P009 where a provider cannot look.
    """
    if not workspace.state(name).exists:
        raise IdpError(
            "IDP-P023",
            f"nothing is recorded of a platform `{name}` that reality could be compared with",
            "it was never brought up from here, or its state lies elsewhere",
            f"idp up --name {name}",
        )
    _recover(name, reporter)
    stack = workspace.open_stack(name)
    heard = Heard()
    with _explaining(name, heard):
        stack.preview_refresh(on_event=heard.on_event, color="never")
    return Drift(heard.drift)


def refresh(name: str, reporter: Reporter, *, cluster_gone: bool = False) -> Outcome:
    """Compare the state with what exists and forget what is gone.

    With `cluster_gone`, objects of a cluster that does not answer are forgotten as well; otherwise
    that is an error, because a cluster that merely sleeps keeps its objects.
    """
    _recover(name, reporter)
    stack = workspace.open_stack(name)
    if cluster_gone:
        stack.workspace.env_vars = {**stack.workspace.env_vars, "PULUMI_K8S_DELETE_UNREACHABLE": "true"}
    with _running(name, reporter) as steps:
        stack.refresh(on_event=steps.on_event, color="never")
    return Outcome(steps.changes)


def recorded(name: str) -> Recorded:
    """What the state says; nothing where it cannot be read."""
    try:
        return workspace.state(name).read()
    except IdpError as error:
        if error.code not in _WITHOUT_STATE:
            raise
        return Recorded()


def forget(name: str) -> None:
    """Remove the state of a destroyed stack where others share it; a folder goes with its instance."""
    workspace.discard(name)


def destroy(name: str, reporter: Reporter, target: str = "local", *, keep: bool = False) -> Outcome:
    """Remove the cluster and whatever else the stack made, as far as it still exists.

    With `keep`, credentials, keys and buckets stay, and with them the state: the next `up` goes on from it.
    Where the state cannot be read (IDP-P003, IDP-P005) or Pulumi is missing (IDP-X001), the target's
    own sweep removes what is certainly this instance's; an error only where that is not everything.
    """
    engine = engine_for(target)
    changes: Mapping[str, int] = {}
    lost: IdpError | None = None
    if workspace.state(name).exists:
        try:
            changes = _destroy_but_kept(name, reporter) if keep else _destroy(name, reporter)
        except IdpError as error:
            if error.code not in _WITHOUT_STATE:
                raise
            lost = error
    if not engine.sweep(name, paths.instance(name)) and lost:
        raise lost
    return Outcome(changes)


def _destroy_but_kept(name: str, reporter: Reporter) -> Mapping[str, int]:
    _recover(name, reporter)
    doomed = keeping.doomed(workspace.state(name).read())
    # Without a target Pulumi destroys everything. Nothing that is kept may go as a dependent, either.
    return _destroy(name, reporter, doomed, dependents=False) if doomed else {}


def _destroy(
    name: str, reporter: Reporter, targets: list[str] | None = None, *, dependents: bool = True
) -> Mapping[str, int]:
    _recover(name, reporter)
    stack = workspace.open_stack(name)
    with _running(name, reporter) as steps:
        stack.destroy(
            on_event=steps.on_event,
            color="never",
            target=targets,
            target_dependents=True if targets and dependents else None,
        )
    return steps.changes


def _recover(name: str, reporter: Reporter) -> None:
    """Clear away what a killed run left: programs at work, its lock, a checkpoint that it was writing."""
    underway.await_end(paths.instance(name), reporter)
    state = workspace.state(name)
    state.unlock()
    if state.repair():
        with reporter.step("restore the state from its backup"):
            pass


def _prepare(
    stack: workspace.Stack, plan: Plan, supply: Supply, engine: Engine, reporter: Reporter, recreate: bool
) -> None:
    """Bring the recorded state to where the program can start from."""
    recorded = workspace.state(plan.target.name).read()
    match engine.prepare(plan, supply, recorded, reporter, recreate):
        case Preparation.NOTHING:
            pass
        case Preparation.REFRESH:
            with reporter.step("the cluster is gone: forget it") as step:
                refresh(plan.target.name, step, cluster_gone=True)
        case Preparation.RECREATE:
            with reporter.step("remove the old cluster") as step:
                _destroy(plan.target.name, step, [r["urn"] for r in recorded.resources if _is_cluster(r)])


def _is_cluster(resource: Mapping[str, Any]) -> bool:
    return str(resource["urn"]).endswith(f"::{CLUSTER}")


@contextmanager
def _running(name: str, reporter: Reporter) -> Iterator[Steps]:
    """Report Pulumi's events as steps, and its failure as an error for users."""
    steps = Steps(reporter)
    try:
        with _explaining(name, steps):
            yield steps
    finally:
        steps.close()


@contextmanager
def _explaining(name: str, words: Words) -> Iterator[None]:
    """Turn the failure of a run into an error for users, from what was heard of it."""
    try:
        with backend.begun(name):
            yield
    except CommandError as error:
        if words.violations:
            raise policy.forbidden(words.violations) from error
        raise _explained(error, words.messages) from error


def _explained(error: CommandError, messages: list[str]) -> IdpError:
    """The IdpError that one of our providers raised, or Pulumi's own words."""
    # Pulumi says the same once per resource.
    said = "\n".join(dict.fromkeys(messages)) or str(error)
    return (
        dynamic.error_in(said)
        or dynamic.error_in(str(error))
        or locked_in(f"{said}\n{error}")
        or IdpError(
            "IDP-P009", "Pulumi could not bring the stack about", tail(said, 20), "idp up   # it continues"
        )
    )
