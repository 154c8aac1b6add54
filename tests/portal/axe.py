"""What axe-core, a checker of accessibility, finds on a page as it stands in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Any

from playwright.sync_api import Page

#: Findings that keep somebody from using a page.
GRAVE = ("serious", "critical")
_OPTIONS = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@dataclass(frozen=True)
class Finding:
    """A rule that an element breaks."""

    rule: str
    impact: str
    selector: str
    help: str

    def __str__(self) -> str:
        return f"{self.impact} {self.rule} at {self.selector}: {self.help}"


def grave(page: Page) -> list[Finding]:
    """The serious and critical findings on the page as it is now."""
    script = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
    # The developer's side of the browser runs it; the page's own policy for scripts stays as it is.
    page.evaluate(script)
    result = page.evaluate("options => axe.run(document, options)", _OPTIONS)
    return findings(result["violations"])


def findings(violations: list[dict[str, Any]]) -> list[Finding]:
    """The grave ones among axe's violations, one for each element."""
    return [
        Finding(found["id"], found["impact"], " ".join(map(str, node["target"])), found["help"])
        for found in violations
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]
