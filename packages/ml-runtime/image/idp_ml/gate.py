"""Is a model good enough to be registered? Pure."""

from __future__ import annotations

from dataclasses import dataclass

from idp_ml.settings import Gate


@dataclass(frozen=True)
class Verdict:
    """Reasons against the model; none of them means that it passed."""

    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.reasons


def judge(rule: Gate, measured: dict[str, float], before: dict[str, float] | None) -> Verdict:
    """`before`: figures of the version to beat on the same held-out rows, if there is one."""
    reasons = []
    value = measured[rule.metric]
    if value < rule.minimum:
        reasons.append(f"{rule.metric} {value} is below the minimum of {rule.minimum}")
    if before is not None and value < round(before[rule.metric] - rule.tolerance, 6):
        allowed = f", and {rule.tolerance} less is allowed" if rule.tolerance else ""
        reasons.append(
            f"{rule.metric} {value} is worse than the {before[rule.metric]} that the version "
            f"before reaches on the same rows{allowed}"
        )
    return Verdict(tuple(reasons))
