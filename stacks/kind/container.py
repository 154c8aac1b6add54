"""The few words that the kind target exchanges with the container engine.

kind runs its nodes with Docker (or what answers to that name); so does this module.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bootstrap import shell

ENGINE = "docker"
#: Where the host keeps the groups of containers that can be frozen; only under cgroup version 1.
FREEZER = Path("/sys/fs/cgroup/freezer/docker")
_THAWED = "THAWED"

#: Seconds that the engine may take to remove a node; usually two.
_REMOVAL_PATIENCE = 300.0


def info() -> str:
    """What the engine says about itself and its host, as JSON."""
    return shell.run([ENGINE, "info", "--format", "{{json .}}"], timeout=60).out


def living(name: str) -> dict[str, Any] | None:
    """A container by name that runs or can be started, or None; one that is being removed cannot."""
    found = inspect(name)
    return None if found is None or found["State"]["Status"] in ("removing", "dead") else found


def inspect(name: str) -> dict[str, Any] | None:
    """A container by name, or None where there is none."""
    # Asking for a list first: an engine that does not answer must not look like a missing container.
    listed = shell.run([ENGINE, "ps", "--all", "--quiet", "--filter", f"name=^{name}$"], timeout=60)
    if not listed.out.split():
        return None
    done = shell.run([ENGINE, "container", "inspect", name], check=False, timeout=60)
    if done.code:
        return None  # gone between the two questions
    found: list[dict[str, Any]] = json.loads(done.out)
    return found[0]


def start(name: str) -> None:
    """Start a stopped container."""
    shell.run([ENGINE, "start", name], timeout=120)


def remove(name: str) -> None:
    """Stop and remove a container with its anonymous volumes: for kind, that is all of a cluster.

    An earlier attempt may still be at it, and on a busy machine that takes minutes. Raises IDP-X002.
    """
    command = [ENGINE, "rm", "--force", "--volumes", name]
    deadline = time.monotonic() + _REMOVAL_PATIENCE
    while (failed := shell.run(command, check=False, timeout=_REMOVAL_PATIENCE)).code:
        if inspect(name) is None:
            return
        if "in progress" not in failed.err or time.monotonic() > deadline:
            thaw(name)
            shell.run(command, timeout=_REMOVAL_PATIENCE)
            return
        time.sleep(1)


def thaw(name: str) -> None:
    """Let what is frozen in a container run on, and so be ended; under cgroup version 1, as root.

    A pod that was being made when its node was stopped can be left frozen: runc freezes a group while it
    sets it up, and was killed before it undid that. Nothing in it dies then, and neither does the node.
    """
    node = inspect(name)
    if node is None:
        return
    for state in (FREEZER / node["Id"]).rglob("freezer.state"):
        with suppress(OSError):  # gone, or not ours to write
            if state.read_text().strip() != _THAWED:
                state.write_text(_THAWED)


def run_as_root(image: str, folder: Path, script: str, arguments: Sequence[str]) -> None:
    """Run a shell script as root in a throw-away container that sees `folder` under the same path."""
    options = ["--rm", "--network=none", "--user=0", "--entrypoint=/bin/sh"]
    mount = f"--mount=type=bind,source={folder},target={folder}"
    shell.run([ENGINE, "run", *options, mount, image, "-euc", script, "sh", *arguments])


def remove_network(name: str) -> None:
    """Remove a network; one that is missing or still in use by another cluster is left alone."""
    shell.run([ENGINE, "network", "rm", name], check=False, timeout=60)
