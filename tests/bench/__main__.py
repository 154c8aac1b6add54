"""Measure a warm `idp up` against a bare cluster, in one run and in turn, and the idle platform.

    python -m tests.bench [--rounds N]

Writes docs/benchmarks.md. Needs a complete bundle (`idp bundle build`).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bootstrap import bundle, plan
from bootstrap.bundle import Source
from bootstrap.model import Target
from bootstrap.progress import silent
from tests.bench import baseline, report
from tests.platform import Platform

SETTLE = 60.0


@dataclass
class Measured:
    """One round: seconds for each, stages of `up`, and what the idle platform takes."""

    bare: float
    up: float
    no_op: float
    down: float
    stages: dict[str, float] = field(default_factory=dict)
    memory_gib: float = 0.0
    cpu_cores: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 11))
    rounds = parser.parse_args().rounds
    lock = bundle.build(plan.load("reference", Target("local", "bench")), Source.AUTO, silent())
    measured = []
    with baseline.plain_node(lock) as image:
        for number in range(1, rounds + 1):
            measured.append(_round(image, number, rounds))
    target = Path(__file__).parents[2] / "docs" / "benchmarks.md"
    target.write_text(report.page(measured, lock))
    print(f"written: {target}")  # noqa: T201


def _round(image: str, number: int, rounds: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        bare = baseline.bare_cluster(image, Path(folder))
        platform = Platform(f"bench-{os.getpid()}", Path(folder), Path(folder) / "log")
        try:
            began = time.monotonic()
            told = platform.idp("up", "--local", "--progress", "json")
            up = time.monotonic() - began
            began = time.monotonic()
            platform.up()
            no_op = time.monotonic() - began
            time.sleep(SETTLE)
            memory, cpu = report.idle(f"{platform.name}-control-plane")
        finally:
            began = time.monotonic()
            platform.down()
            down = time.monotonic() - began
    result = Measured(bare, up, no_op, down, report.stages(told.out + told.err), memory, cpu)
    print(  # noqa: T201
        f"round {number} of {rounds}: bare {bare:.1f} s, up {up:.1f} s ({up / bare:.2f}x), "
        f"again {no_op:.1f} s, idle {memory:.2f} GiB, {cpu:.2f} cores",
        flush=True,
    )
    return result


if __name__ == "__main__":
    main()
