"""Preview what a change of the program would do, or do it.

    python run.py preview                 prints the plan and its fingerprint
    python run.py apply --approved PRINT  does it, if it is still that plan
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import settings
from settings import Settings

STALE = 4
NOTHING = "none"
_QUIET = {"same", "read", "refresh"}


@dataclass
class Plan:
    """What a run would do, step by step; its fingerprint is that of no other plan."""

    steps: list[dict[str, Any]] = field(default_factory=list)

    def hear(self, event: Any) -> None:
        """Take in an event of Pulumi's engine."""
        if event.resource_pre_event:
            about = event.resource_pre_event.metadata
            operation = str(getattr(about.op, "value", about.op))
            if operation not in _QUIET and about.type != "pulumi:pulumi:Stack":
                inputs = about.new.inputs if about.new and isinstance(about.new.inputs, dict) else {}
                self.add(operation, about.type, about.urn, sorted(about.diffs or []), inputs)

    def add(self, operation: str, kind: str, urn: str, changed: list[str], inputs: dict[str, Any]) -> None:
        self.steps.append({"do": operation, "kind": kind, "urn": urn, "changed": changed, "inputs": inputs})

    @property
    def fingerprint(self) -> str:
        """`none` where there is nothing to do."""
        if not self.steps:
            return NOTHING
        text = json.dumps(sorted(self.steps, key=lambda step: (step["urn"], step["do"])), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def lines(self) -> list[str]:
        """One line per step, for the person who approves."""
        return [
            f"{step['do']:8} {step['kind']} {step['urn'].rpartition('::')[2]}"
            + (f" ({', '.join(step['changed'])})" if step["changed"] else "")
            for step in self.steps
        ]


def open_stack(chosen: Settings, folder: Path) -> Any:
    """The stack of this repository; what it remembers is where the settings say, encrypted by the passphrase."""
    from pulumi import automation

    import program

    # Pulumi notes who holds its lock; a pod's user has no name.
    os.environ.setdefault("USER", "infrastructure")
    backend = chosen.state
    if backend.startswith("file://"):
        Path(backend.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    stack = automation.create_or_select_stack(
        "main",
        project_name=chosen.name,
        program=lambda: program.resources(chosen),
        opts=automation.LocalWorkspaceOptions(
            work_dir=str(work),
            project_settings=automation.ProjectSettings(
                chosen.name, "python", backend=automation.ProjectBackend(backend)
            ),
            secrets_provider=os.environ.get("STATE_KEY", "passphrase"),
        ),
    )
    # One run at a time is the workflow's business, so a lock was left by one that was killed.
    try:
        stack.cancel()
    except automation.CommandError:
        pass
    return stack


def plan_of(stack: Any) -> Plan:
    plan = Plan()
    stack.preview(on_event=plan.hear, diff=True, on_output=print, color="never")
    return plan


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Preview a change of the infrastructure, or do it.")
    parser.add_argument("command", choices=["preview", "apply"])
    parser.add_argument("--approved", default="", help="the fingerprint of the plan that somebody approved")
    parser.add_argument("--outputs", type=Path, default=Path("/tmp"), help="where the workflow reads results")
    options = parser.parse_args(arguments)

    stack = open_stack(settings.load(), Path(os.environ.get("STATE", "/state")))
    plan = plan_of(stack)
    if options.command == "preview":
        tell(plan, options.outputs)
        return 0
    if plan.fingerprint != options.approved:
        print(f"refused: approved was {options.approved}, and now it would be {plan.fingerprint}", file=sys.stderr)
        return STALE
    stack.up(on_output=print, color="never")
    print("done")
    return 0


def tell(plan: Plan, folder: Path) -> None:
    """Say it in the log, where the portal shows it, and hand it to the next step of the workflow."""
    print("\n".join(["", "What would happen:", *(plan.lines() or ["nothing"]), ""]))
    if plan.fingerprint == NOTHING:
        print("Nothing is to be approved.")
    else:
        print(f'To approve, commit this to approval/approval.toml:\n\n    approved = "{plan.fingerprint}"\n')
    (folder / "fingerprint").write_text(plan.fingerprint)
    (folder / "summary").write_text("; ".join(" ".join(line.split()) for line in plan.lines())[:1000])


if __name__ == "__main__":
    sys.exit(main())
