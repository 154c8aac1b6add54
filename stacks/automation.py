"""Bring a stack about, preview it, refresh it, take it down: Pulumi as one function each.

The caller holds the instance's lock. Every function can be repeated after it was killed at any point.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pulumi.automation.errors import CommandError

from bootstrap import paths
from bootstrap.errors import IdpError
from bootstrap.model import Plan
from bootstrap.progress import Reporter
from bootstrap.shell import tail
from stacks import backend, dynamic, keeping, program, underway, workspace
from stacks.engine import CLUSTER, Engine, Preparation, Supply, engine_for
from stacks.progress import Steps
from stacks.state import locked_in

#: What runs policy packs written in Python; it comes with Pulumi's own distribution.
_ANALYZER = "pulumi-analyzer-policy-python"
#: Errors after which a platform can only be removed without its state.
_WITHOUT_STATE = ("IDP-P003", "IDP-P005", "IDP-X001")


@dataclass(frozen=True)
class Outcome:
    """What a run did: resources by operation (`create`, `update`, `delete` …), facts of the target."""

    changes: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: Did this run make the cluster? An older one may lack images of a newer bundle.
    new_cluster: bool = False

    @property
    def changed(self) -> bool:
        return any(self.changes.values())


def up(plan: Plan, supply: Supply, reporter: Reporter, *, recreate: bool = False) -> Outcome:
    """Bring the cluster and everything that Pulumi owns in it to the planned state.

    Raises IDP-P002 (locked), IDP-P003 and IDP-P005 (state lost), IDP-P004 (would lose data),
    IDP-P006 and IDP-P007 (cluster), IDP-P009 (anything else in Pulumi).
    """
    engine = engine_for(plan.target.kind)
    name = plan.target.name
    _recover(name, reporter)
    supply = replace(supply, kept=engine.restorable(plan, supply, workspace.state(name).read()))
    stack = workspace.open_stack(name, lambda: program.declare(plan, supply, engine))
    _prepare(stack, plan, supply, engine, reporter, recreate)
    program.write_manifests(plan, supply)
    packs = _packs(stack, engine.policies(plan), reporter)
    with _running(name, reporter) as steps:
        stack.up(on_event=steps.on_event, color="never", suppress_outputs=True, policy_packs=packs or None)
    workspace.tidy(name)
    outputs = workspace.state(name).read().outputs
    paths.ca_certificate(name).write_text(outputs["ca"])
    return Outcome(steps.changes, outputs.get("facts", {}), CLUSTER in steps.created)


def _packs(stack: workspace.Stack, wanted: Mapping[Path, Mapping[str, str]], reporter: Reporter) -> list[str]:
    """Policy packs to run, their settings put into the environment; none where nothing can run them."""
    if not wanted:
        return []
    if shutil.which(_ANALYZER, path=stack.workspace.env_vars["PATH"]) is None:
        with reporter.step("policies") as step:
            step.note(f"not checked: the program `{_ANALYZER}` is not installed")
        return []
    settings = {key: value for each in wanted.values() for key, value in each.items()}
    stack.workspace.env_vars = {**stack.workspace.env_vars, **settings}
    return [str(pack) for pack in wanted]


def preview(plan: Plan, supply: Supply, reporter: Reporter) -> Outcome:
    """What `up` would do, without doing any of it."""
    engine = engine_for(plan.target.kind)
    name = plan.target.name
    _recover(name, reporter)
    supply = replace(supply, kept=engine.restorable(plan, supply, workspace.state(name).read()))
    stack = workspace.open_stack(name, lambda: program.declare(plan, supply, engine))
    program.write_manifests(plan, supply)
    with _running(plan.target.name, reporter):
        result = stack.preview(color="never")
    changes = {_operation(op): count for op, count in result.change_summary.items()}
    return Outcome({op: count for op, count in changes.items() if op != "same"})


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
        with backend.begun(name):
            yield steps
    except CommandError as error:
        raise _explained(error, steps.messages) from error
    finally:
        steps.close()


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


def _operation(operation: Any) -> str:
    return str(getattr(operation, "value", operation))
