"""Can a platform run on this machine, and if not, what would change that?"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Mapping, Sequence

from bootstrap import bundle, definitions, findings, instance, machine, paths
from bootstrap import plan as planning
from bootstrap.console.style import paint
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.finding import Finding, State
from bootstrap.findings import Wanted
from bootstrap.machine import Machine
from bootstrap.model import Plan, Requirements, Target

_MARKS = {State.OK: ("ok  ", "green"), State.WARN: ("warn", "bold yellow"), State.FAIL: ("FAIL", "bold red")}


def examine(name: str, stack: str, size: str = "", https_port: int = 0) -> tuple[Finding, ...]:
    """Everything about this machine, for a platform that may or may not exist yet."""
    profiles = sizes(stack)
    known = instance.find(name)
    plan = planning.load(stack, Target("local", name))
    here = _with_sources(_look(plan, https_port), plan)
    chosen = size or (known.size if known else findings.fitting_size(here, profiles))
    if chosen not in profiles:
        raise IdpError(
            "IDP-A004",
            f"the stack `{stack}` has no size `{chosen}`",
            f"its sizes: {', '.join(profiles)}",
            f"idp doctor --stack {stack}",
            exit_code=WRONG_USE,
        )
    wanted = Wanted(chosen, profiles[chosen], name, profiles, https_port, name in here.clusters)
    return findings.judge(here, wanted)


def _look(plan: Plan, https_port: int = 0) -> Machine:
    """The machine, and whether the bundle of the plan's stack is here already."""
    here = machine.look([https_port] if https_port else [])
    return dataclasses.replace(here, bundle=_has_bundle(plan))


def _with_sources(here: Machine, plan: Plan) -> Machine:
    """The machine, and which of the registries that the plan needs answer it; takes up to some seconds."""
    from bootstrap.bundle import outlook

    answers = outlook._look_around(plan)
    return dataclasses.replace(here, registries=answers.registries, packages=answers.packages)


def _has_bundle(plan: Plan) -> bool:
    try:
        return bool(bundle.load(plan).images)
    except IdpError:
        return False


def fitting_size(stack: str) -> str:
    """What `--size auto` means: the largest profile of the stack that this machine holds."""
    return findings.fitting_size(_look(planning.load(stack, Target("local", "any"))), sizes(stack))


def preflight(
    plan: Plan, stack: str, https_port: int = 0, elsewhere: Sequence[Finding] = ()
) -> tuple[Finding, ...]:
    """Examine the machine before anything changes; warnings come back.

    `stack` is the name or path that the plan was made from, `https_port` the one that the user asked
    for, 0 where any will do; `elsewhere` is what was found where the platform is to stand. Raises IDP-D000
    with every fault at once.
    """
    name, size = plan.target.name, plan.facts.size
    here = _look(plan, https_port)
    found = findings.judge(
        here, Wanted(size, plan.requirements, name, sizes(stack), https_port, name in here.clusters)
    )
    found += tuple(elsewhere)
    if findings.failed(found):
        raise refusal(found)
    return tuple(finding for finding in found if finding.state is State.WARN)


def sizes(stack: str) -> Mapping[str, Requirements]:
    """The sizing profiles of a stack."""
    entries = definitions.stack(stack, paths.stacks()).sizes
    return {name: Requirements(e.cpus, e.memory_gib, e.disk_gib) for name, e in entries.items()}


def refusal(found: Sequence[Finding]) -> IdpError:
    """All faults as one error; the command that fixes it is theirs where it is the same."""
    faults = [finding for finding in found if finding.state is State.FAIL]
    commands = list(dict.fromkeys(f.remedy for f in faults if f.remedy.startswith(("idp ", "make "))))
    of_machine = any(f.code.startswith("IDP-D") for f in faults)
    otherwise = "idp doctor" if of_machine else "correct what is listed, then run `idp up` again"
    return IdpError(
        "IDP-D000",
        "the platform cannot run as planned",
        fix=commands[0] if len(commands) == 1 == len({f.remedy for f in faults}) else otherwise,
        faults=[f"{f.code} {f.what}" + (f" → {f.remedy}" if f.remedy else "") for f in faults],
    )


def report(found: Iterable[Finding]) -> list[str]:
    """The findings for people, worst news included in their place."""
    lines = []
    for finding in found:
        word, style = _MARKS[finding.state]
        lines.append(f"{paint(word, style, sys.stdout)}  {finding.what}")
        if finding.state is not State.OK:
            lines.append(f"      To fix this: {finding.remedy}")
            lines.append(paint(f"      More about it: idp explain {finding.code}", "dim", sys.stdout))
    worst = [f for f in found if f.state is State.FAIL]
    lines += ["", f"{len(worst)} in the way" if worst else "Nothing is in the way of a platform."]
    return lines
