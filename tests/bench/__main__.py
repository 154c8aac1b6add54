"""Measure the platform, and write what was measured to docs/benchmarks.md.

    python -m tests.bench [up] [idle] [prediction] [portal] [promotion] [--rounds N]

Without a name: all of it. Needs a complete bundle (`idp bundle build`), for `portal` Chromium, and for
`promotion` 14 GiB of disk; IDP_TEST_NAME and IDP_TEST_ELSEWHERE name two running platforms for that.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap import bundle, plan
from bootstrap.bundle import Source
from bootstrap.model import Target
from bootstrap.progress import silent
from tests.bench import bringup, filling, looking, pair, prediction, promotion, report, rest
from tests.e2e.life import of_data_scientist
from tests.platform import Platform

PARTS = ("up", "idle", "prediction", "portal", "promotion")
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
NAME = f"bench-{os.getpid()}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="*", help=f"what to measure: {', '.join(PARTS)}; all of it by default")
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 11), help="of `up`")
    given = parser.parse_args()
    if wrong := set(given.part) - set(PARTS):
        parser.error(f"nothing to measure is called {', '.join(sorted(wrong))}")
    parts = set(given.part or PARTS)
    lock = bundle.build(plan.load("reference", Target("local", "bench")), Source.AUTO, silent())
    where = report.where(lock.id, lock.source)
    if "up" in parts:
        _keep(report.bringing_up(bringup.measure(lock, NAME, given.rounds), where))
    if parts - {"up", "promotion"}:
        with _running() as platform:
            _in_use(platform, parts, where)
    if "promotion" in parts:
        with pair.running(lock, NAME) as two:
            _keep(report.promoting_repositories(promotion.of_repositories(two), where))
            _keep(report.promoting_models([*promotion.of_models(two)], where))


def _in_use(platform: Platform, parts: set[str], where: str) -> None:
    """What one platform shows one after the other: at rest, at work, filled."""
    if "idle" in parts:
        _keep(report.at_rest(rest.measure(f"{platform.name}-control-plane"), where))
    if parts & {"prediction", "portal"}:
        with of_data_scientist(platform) as life:
            _keep(report.first_prediction(prediction.measure(life), where))
            if "portal" in parts:
                filling.fill(life)
                _keep(report.portal(looking.measure(life), filling.SAID, where))


@contextmanager
def _running() -> Iterator[Platform]:
    """A platform of its own, removed in the end with all that it was filled with."""
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(NAME, Path(folder), Path(folder) / "log")
        try:
            platform.up()
            yield platform
        finally:
            platform.idp("down", "--yes", check=False)


def _keep(sections: dict[str, str]) -> None:
    """Each section as soon as it is known: what comes after may fail."""
    PAGE.write_text(report.merged(PAGE.read_text(), sections))
    for title, text in sections.items():
        print(f"\n{title}\n{text}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
