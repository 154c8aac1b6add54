"""Nothing is lost when `idp` is ended: the next run continues, wherever the last one stopped."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap.instance import free_port
from tests.ending import CTRL_C, KILL, end_at
from tests.platform import Platform

pytestmark = pytest.mark.cluster

#: How and where the runs before the last one end, in the order in which the steps come.
ENDS = [
    (KILL, ("infrastructure", "create kind cluster")),
    (CTRL_C, ("infrastructure", "create kind cluster")),
    (KILL, ("infrastructure", "create namespaces and secrets")),
    (CTRL_C, ("delivery", "reach Gitea through the gateway")),
    (KILL, ("delivery", "commit the rendered packages")),
    (KILL, ("content", "commit catalogue and golden paths")),
    (CTRL_C, ("ready",)),
]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[Platform]:
    """An instance that is not up yet; the smallest stack, as what is tested is the same in all."""
    log = artifacts / "faults.log"
    log.unlink(missing_ok=True)
    own = Platform(f"e2e-faults-{os.getpid()}", tmp_path_factory.mktemp("faults"), log)
    try:
        yield own
    finally:
        own.idp("down", "--yes", check=False)


def test_up_continues_wherever_it_was_ended(instance: Platform) -> None:
    # Another one may come up at the same time and with a data folder of its own: it looks at 8443.
    port = free_port(9443)
    for how, where in ENDS:
        end_at(where, how, instance, "up", "--local", "--stack", "minimal", "--port", str(port))
    done = instance.up()  # it remembers the stack
    assert "is ready" in done.out
    assert instance.status()["ready"] is True
    assert "nothing changed" in instance.up().out.lower()


def test_down_continues_after_a_kill(instance: Platform) -> None:
    end_at(("remove the cluster",), KILL, instance, "down", "--yes")
    instance.down()
    nodes = subprocess.run(["docker", "ps", "--all"], capture_output=True, text=True, check=True).stdout
    assert instance.name not in nodes
    assert not any(p.is_file() for p in instance.data.rglob("*") if instance.name in str(p))
