"""What Pulumi's analyzer starts: every rule as a mandatory policy."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

# The analyzer starts this file by its path, not as a module of our package.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from stacks.policies.rules import PRODUCTION, PUBLIC_API, RULES, Rule, Settings, violations

_SETTINGS = Settings(
    production=os.environ.get(PRODUCTION) == "true", public_api=os.environ.get(PUBLIC_API) == "true"
)


def _policy(rule: Rule) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for fault in violations(args.resource_type, args.props, _SETTINGS, [rule]):
            report(fault, None)

    return ResourceValidationPolicy(
        name=rule.name,
        description=rule.why,
        enforcement_level=EnforcementLevel.MANDATORY,
        validate=validate,
    )


PolicyPack(name="idp", policies=[_policy(rule) for rule in RULES])
