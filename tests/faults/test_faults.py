"""Nothing is lost when `idp` is ended: the next run continues, wherever the last one stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap.instance import free_port
from tests.platform import Platform

pytestmark = pytest.mark.cluster

KILL, CTRL_C = signal.SIGKILL, signal.SIGINT
INTERRUPTED = 130

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


def end_at(where: tuple[str, ...], how: signal.Signals, instance: Platform, *arguments: str) -> None:
    """Run `idp`, and end it as soon as a step begins: alone and at once, or with all it started (Ctrl-C)."""
    environment = {**os.environ, "IDP_DATA_DIR": str(instance.data), "IDP_NAME": instance.name}
    command = [sys.executable, "-m", "bootstrap", *arguments, "--progress", "json"]
    with (
        instance.log.open("a") as log,
        subprocess.Popen(
            command, env=environment, stdout=log, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as running,
    ):
        assert running.stderr
        reached = False
        for line in running.stderr:
            log.write(line)
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("event") == "start" and tuple(event["path"]) == where:
                reached = True
                if how is KILL:
                    running.kill()
                    break
                os.killpg(running.pid, how)
    said = f"`idp {' '.join(arguments)}` ended with {running.returncode}"
    assert reached, f"{said} before it came to {' / '.join(where)}"
    assert running.returncode == (INTERRUPTED if how is CTRL_C else -KILL), said
