"""What a Dockerfile says about other images, and what its `.dockerignore` leaves out. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bootstrap.bundle.references import OURS

# An image is named after FROM and its options, or by `from=` in COPY and in mounts.
_IMAGE = re.compile(
    r"(?:^\s*FROM\s+(?:--\S+\s+)*|--from=|--mount=\S*\bfrom=)([^\s,]+)", re.IGNORECASE | re.MULTILINE
)


def bases(text: str) -> tuple[str, ...]:
    """The project's own images that a Dockerfile builds upon, in the order of their appearance."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return tuple(dict.fromkeys(name for name in _IMAGE.findall(lines) if name.startswith(f"{OURS}/")))


class Ignored:
    """The rules of a `.dockerignore`: the last pattern that matches decides, `!` takes back."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        patterns = [line for line in lines if line and not line.startswith("#")]
        self._rules = [(_regex(p.lstrip("!")), not p.startswith("!")) for p in patterns]
        #: Without `!` patterns an ignored folder need not be entered.
        self.prunes = all(ignored for _, ignored in self._rules)

    def __call__(self, path: str) -> bool:
        parts = path.split("/")
        prefixes = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        return _verdict(self._rules, prefixes)


def _verdict(rules: Sequence[tuple[re.Pattern[str], bool]], prefixes: Sequence[str]) -> bool:
    verdict = False
    for pattern, ignored in rules:
        if any(pattern.fullmatch(prefix) for prefix in prefixes):
            verdict = ignored
    return verdict


def _regex(pattern: str) -> re.Pattern[str]:
    """Go's filepath.Match with `**`, as the engine reads ignore files."""
    out = ""
    rest = pattern.strip("/").removeprefix("./")
    while rest:
        if rest.startswith("**/"):
            out, rest = out + "(?:.*/)?", rest[3:]
        elif rest.startswith("**"):
            out, rest = out + ".*", rest[2:]
        elif rest[0] == "*":
            out, rest = out + "[^/]*", rest[1:]
        elif rest[0] == "?":
            out, rest = out + "[^/]", rest[1:]
        elif rest[0] == "[" and "]" in rest:
            end = rest.index("]")
            out, rest = out + rest[: end + 1], rest[end + 1 :]
        else:
            out, rest = out + re.escape(rest[0]), rest[1:]
    return re.compile(out)
