"""Run the tests inside a scaffolded repository, in the platform's own image and without a network."""

from __future__ import annotations

from pathlib import Path

from bootstrap import shell
from bootstrap.bundle import engine, lending
from bootstrap.bundle.lock import Lock

COMMAND = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
#: Seconds that the tests of one repository may take.
LIMIT = 600
_STOPPED = (124, 137)


def run(folder: Path, lock: Lock, image: str) -> tuple[list[str], str]:
    """Faults, and pytest's summary line. Raises IDP-B005 and IDP-B008 where there is nothing to run in."""
    tag = lending.lend(lock, image)
    done = engine.run_offline(tag, folder, COMMAND, LIMIT)
    said = (done.out.strip() or done.err.strip()).splitlines() or ["no output"]
    if not done.code:
        return [], said[-1]
    if done.code in _STOPPED:
        return [f"the tests were ended: over {LIMIT} s, or out of memory"], said[-1]
    failed = [f"tests: {line}" for line in said if line.startswith(("FAILED ", "ERROR "))]
    reasons = list(dict.fromkeys(line[1:].strip() for line in said if line.startswith("E  ")))
    why = f" ({'; '.join(reasons[:2])})" if reasons else ""
    return [f"{line}{why}" for line in failed] or [f"tests: {shell.tail(done.out or done.err, 15)}"], said[-1]
