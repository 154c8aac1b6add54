"""Policy packs: what runs them, what they are told, and how their refusal reads."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap.errors import IdpError

#: The runtime that our packs name in their PulumiPolicy.yaml. Pulumi has no language of that name, so it
#: starts the program `pulumi-analyzer-policy-RUNTIME` (pkg/resource/plugin/analyzer_plugin.go), which is
#: ours and runs our own interpreter, whatever else is installed.
RUNTIME = "idp"
_SDK = "pulumi_policy"
_MANDATORY = "mandatory"


@dataclass(frozen=True)
class Violation:
    """A rule, the resource that breaks it, and how."""

    rule: str
    resource: str
    fault: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.fault} ({self.rule})"


def packs(wanted: Mapping[Path, Mapping[str, str]]) -> tuple[list[str], dict[str, str]]:
    """Packs to run, and the environment that tells them what was asked for.

    Raises IDP-C001 where packs are wanted and what they are written with is not installed.
    """
    if wanted and importlib.util.find_spec(_SDK) is None:
        raise IdpError(
            "IDP-C001",
            "the policies of the cloud cannot be run",
            f"`{_SDK}` belongs to the extra `cloud`, which a laptop does without",
            "pip install 'idp[cloud]'",
        )
    return [str(pack) for pack in wanted], {k: v for each in wanted.values() for k, v in each.items()}


def violation(event: Any) -> Violation | None:
    """What a policy event refuses; None where it merely advises, as on values that no preview knows."""
    if event.enforcement_level != _MANDATORY:
        return None
    # The pack's description comes first, then what the rule says.
    fault = str(event.message).strip().rpartition("\n")[2]
    resource = str(event.resource_urn or "").rpartition("::")[2]
    return Violation(event.policy_name, resource or "the stack", fault.removeprefix(f"{event.policy_name}: "))


def forbidden(violations: Iterable[Violation]) -> IdpError:
    """All that policies refuse, as one error."""
    faults = sorted({str(each) for each in violations})
    return IdpError(
        "IDP-P022",
        "policies forbid this platform",
        "the rules in stacks/policies/ hold for everything in the cloud; nothing that breaks one was made",
        "correct the profile in the stack definition, then: idp plan --cloud",
        faults,
    )
