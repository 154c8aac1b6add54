"""One run of `idp template test`: each golden path from its form to its removal, all faults at once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bootstrap import bundle, instance, paths
from bootstrap.bundle.lock import Lock
from bootstrap.errors import IdpError
from bootstrap.goldenpath import form, lint, rehearsal, review, shelf, trial
from bootstrap.goldenpath.path import GoldenPath
from bootstrap.goldenpath.rehearsal import Stage
from bootstrap.model import Plan
from bootstrap.portal import ref
from bootstrap.progress import Reporter, Step
from bootstrap.seed import content

PHASES = ("template", "repository", "tests", "deployment")


@dataclass
class Outcome:
    """What was found about one golden path: per phase `ok`, `failed` or `skipped: why`."""

    name: str
    phases: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PHASES, "-"))
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def record(self, phase: str, faults: Sequence[str]) -> bool:
        self.phases[phase] = "failed" if faults else "ok"
        self.faults += faults
        return not faults

    def skip(self, phase: str, why: str) -> None:
        self.phases[phase] = f"skipped: {why}"


@dataclass(frozen=True)
class Run:
    """What all golden paths of one run share."""

    plan: Plan
    lock: Lock | None
    known: frozenset[str]
    reserved: frozenset[str]
    stage: Stage | None
    keep: bool


def check(
    plan: Plan, wanted: Sequence[str], reporter: Reporter, *, deploy: bool | None = None, keep: bool = False
) -> list[Outcome]:
    """Test the named golden paths, or all. `deploy` None: where the plan's platform runs.

    Raises IDP-T002 for an unknown name; faults are in the outcomes.
    """
    lock = _lock(plan)
    folders = shelf.find(wanted)
    with _stage(plan, reporter, deploy) as stage:
        run = Run(plan, lock, _shipped(plan), _reserved(plan), stage, keep)
        outcomes = [_one(run, folder, reporter) for folder in folders]
        if stage and stage.leaving:
            with reporter.step("wait for the catalogue to forget what was removed") as step:
                for fault in stage.forgotten(step):
                    outcomes[-1].record("deployment", [fault])
    return outcomes


def unsound(outcomes: Sequence[Outcome]) -> IdpError | None:
    """All faults of all golden paths as one error."""
    faults = [f"{outcome.name}: {fault}" for outcome in outcomes for fault in outcome.faults]
    if not faults:
        return None
    failed = [outcome.name for outcome in outcomes if outcome.faults]
    return IdpError(
        "IDP-T001",
        f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in {', '.join(failed)}",
        fix=f"idp template test {' '.join(failed)}",
        faults=faults,
    )


def _one(run: Run, source: Path, reporter: Reporter) -> Outcome:
    outcome = Outcome(source.name)
    with reporter.step(source.name) as step, _workspace(run.keep, step) as folder:
        path = _template(run, source, outcome, step)
        if path:
            values = form.filled(path.pages, path.example)
            if _repository(run, path, values, folder, outcome, step):
                _tests(run, path, folder, outcome, step)
                _deployment(run, path, outcome, step)
        for fault in outcome.faults:
            step.note(f"fault: {fault}")
    return outcome


def _template(run: Run, source: Path, outcome: Outcome, step: Step) -> GoldenPath | None:
    """The golden path, if nothing is wrong with it as it stands."""
    with step.step("read the template") as inner:
        try:
            (path,) = shelf.load(run.plan, [source], run.lock.references() if run.lock else {})
        except IdpError as error:
            outcome.record("template", [error.what])
            return None
        if path.absent:
            why = f"the stack `{run.plan.stack}` lacks the image {', '.join(sorted(path.absent))}"
            outcome.notes.append(why)
            inner.note(why)
        return path if outcome.record("template", review.faults(path, run.reserved)) else None


def _repository(
    run: Run, path: GoldenPath, values: Mapping[str, Any], folder: Path, outcome: Outcome, step: Step
) -> bool:
    with step.step("write the repository and look through it") as inner:
        try:
            path.scaffold(values, folder)
            deployed = list(path.inputs(values, "idp:deploy"))
        except ValueError as error:
            return outcome.record("repository", [str(error)])
        found = lint.repository(folder, values, run.known, deployed, run.plan.facts)
        for line in found.skipped:
            inner.note(f"not looked at: {line}")
        outcome.notes += [f"not looked at: {line}" for line in found.skipped]
        return outcome.record("repository", found.faults)


def _tests(run: Run, path: GoldenPath, folder: Path, outcome: Outcome, step: Step) -> None:
    with step.step(f"run its tests in the image {path.test_image}") as inner:
        if not run.lock:
            outcome.skip("tests", f"no bundle of the stack {run.plan.stack}")
        else:
            try:
                faults, summary = trial.run(folder, run.lock, path.test_image)
                outcome.record("tests", faults)
                return inner.note(summary)
            except IdpError as error:
                outcome.skip("tests", f"{error.what} ({error.code})")
        inner.note(outcome.phases["tests"])


def _deployment(run: Run, path: GoldenPath, outcome: Outcome, step: Step) -> None:
    if not run.stage:
        return outcome.skip("deployment", "no platform")
    with step.step(f"run it on the platform `{run.plan.facts.name}`") as inner:
        if different := run.stage.differs(path):
            return outcome.skip("deployment", f"{different}; run `idp up`")
        values = rehearsal.values_for(path, form.filled(path.pages, path.example))
        with tempfile.TemporaryDirectory() as renamed:
            entities = _entities(path.scaffold(values, Path(renamed)))
        try:
            outcome.record("deployment", run.stage.play(path, values, entities, inner))
        finally:
            if run.keep:
                inner.note(f"kept: {values['name']}")
            elif left := run.stage.remove(path, values, entities, inner):
                outcome.record("deployment", left)


def _entities(folder: Path) -> list[dict[str, Any]]:
    return [e for e in yaml.safe_load_all((folder / "catalog-info.yaml").read_text()) if e]


@contextmanager
def _workspace(keep: bool, step: Step) -> Iterator[Path]:
    """A folder for the repository, readable by the image's own user."""
    base = Path(tempfile.mkdtemp(prefix="idp-template-"))
    base.chmod(0o755)  # nothing in it is secret, and the tests run as another user
    try:
        yield base
    finally:
        if keep:
            step.note(f"the repository is in {base}")
        else:
            shutil.rmtree(base, ignore_errors=True)


@contextmanager
def _stage(plan: Plan, reporter: Reporter, deploy: bool | None) -> Iterator[Stage | None]:
    """The platform, if it is wanted; where nobody said so, only one that answers."""
    name = plan.facts.name
    if deploy:
        instance.get(name)
    runs = instance.find(name) and paths.kubeconfig(name).is_file()
    with ExitStack() as stack:
        stage = None
        if deploy or (deploy is None and runs):
            try:
                stage = stack.enter_context(rehearsal.on(plan, reporter))
            except IdpError:
                if deploy:
                    raise
        yield stage


def _lock(plan: Plan) -> Lock | None:
    try:
        return bundle.load(plan)
    except IdpError as error:
        if error.code == "IDP-B007":
            return None
        raise


def _shipped(plan: Plan) -> frozenset[str]:
    """Entities that every platform of this stack has, and the golden paths themselves."""
    none = {image.name: "" for image in plan.images}
    found = {ref(entity) for entity in content.entities(content.catalog(plan, none))}
    return frozenset(found | {f"template:default/{folder.name}" for folder in content.golden_paths()})


def _reserved(plan: Plan) -> frozenset[str]:
    return frozenset(p.endpoint.host for p in plan.packages if p.endpoint)
