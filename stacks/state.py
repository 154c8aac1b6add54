"""Read, repair and unlock the state that Pulumi's file backend keeps for one instance.

Reading the files takes a millisecond where asking the command would take half a second; the layout is
that of the "diy" backend of the pinned Pulumi version and is pinned by a test with the real command.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap.errors import IdpError

PROJECT = "idp"


@dataclass(frozen=True)
class Recorded:
    """The resources of the last checkpoint, as Pulumi stored them."""

    resources: tuple[Mapping[str, Any], ...] = ()

    def first(self, type_: str) -> Mapping[str, Any] | None:
        """The first live resource of a type."""
        return next((r for r in self.resources if r["type"] == type_ and not r.get("delete")), None)

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The stack's outputs; secret ones are still encrypted."""
        stack = self.first("pulumi:pulumi:Stack") or {}
        outputs: Mapping[str, Any] = stack.get("outputs", {})
        return outputs


@dataclass(frozen=True)
class Holder:
    """Who holds the state, as the backend's lock file says."""

    file: Path
    pid: int
    host: str
    user: str

    def remove(self) -> None:
        """Remove the lock."""
        self.file.unlink(missing_ok=True)

    def is_dead(self, alive: Callable[[int], bool], here: str) -> bool:
        """Certainly gone: it ran on this host and its process no longer exists."""
        return self.host == here and not alive(self.pid)


class State:
    """The files of one stack below a backend folder."""

    def __init__(self, folder: Path, stack: str):
        root = folder / ".pulumi"
        self.checkpoint = root / "stacks" / PROJECT / f"{stack}.json"
        self.backup = self.checkpoint.with_name(f"{stack}.json.bak")
        self.locks = root / "locks" / "organization" / PROJECT / stack

    @property
    def exists(self) -> bool:
        return self.checkpoint.exists() or self.backup.exists()

    def read(self) -> Recorded:
        """The last checkpoint; empty before the first `up`."""
        document = _load(self.checkpoint)
        latest = document.get("checkpoint", {}).get("latest") if document else None
        return Recorded(tuple((latest or {}).get("resources") or ()))

    def repair(self) -> bool:
        """Restore a missing or truncated checkpoint from the one before it; True where that was needed.

        The step that the lost checkpoint recorded is repeated by the next `up`: Kubernetes objects are
        applied, not created, and the cluster resource starts afresh. Raises IDP-P003.
        """
        if not self.exists or _load(self.checkpoint) is not None:
            return False
        if _load(self.backup) is None:
            raise IdpError(
                "IDP-P003",
                "the state of this platform cannot be read, and neither can its backup",
                f"{self.checkpoint} is missing or not valid JSON",
                f"idp down --name {self.checkpoint.stem} --yes   # then `idp up`: it starts afresh",
            )
        shutil.copy2(self.backup, self.checkpoint)
        return True

    def unlock(self, patience: float = 20.0, alive: Callable[[int], bool] | None = None) -> None:
        """Remove locks whose holder is certainly dead; wait a little for one that is just ending.

        Raises IDP-P002 naming the holder where one lives on, or ran on another host.
        """
        deadline = time.monotonic() + patience
        while blocking := self._blocking(alive or is_pulumi):
            elsewhere = blocking[0].host != socket.gethostname()
            if elsewhere or time.monotonic() > deadline:
                raise _locked(blocking[0])
            time.sleep(0.2)

    def _blocking(self, alive: Callable[[int], bool]) -> list[Holder]:
        """Holders that may be alive; the locks of dead ones are removed on the way."""
        blocking = []
        for holder in holders(self.locks):
            if holder.is_dead(alive, socket.gethostname()):
                holder.remove()
            else:
                blocking.append(holder)
        return blocking


def holders(locks: Path) -> list[Holder]:
    """Everyone whose lock file lies in the folder. An unreadable lock was never finished: no holder."""
    found = []
    for file in sorted(locks.glob("*.json")):
        lock = _load(file)
        if lock is None:
            file.unlink(missing_ok=True)
            continue
        host, user = str(lock.get("hostname", "")), str(lock.get("username", ""))
        found.append(Holder(file, int(lock.get("pid", 0)), host, user))
    return found


def is_pulumi(pid: int) -> bool:
    """Is the process alive and, where the system tells, really Pulumi and not a successor to its id?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip().startswith("pulumi")
    except OSError:
        return True


def _load(file: Path) -> dict[str, Any] | None:
    """A JSON object, or None where the file is missing, truncated or something else."""
    try:
        document = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _locked(holder: Holder) -> IdpError:
    here = holder.host == socket.gethostname()
    fix = "wait for it to end, then run the command again"
    if not here:
        fix = f"if that run is certainly over: rm {holder.file}"
    return IdpError(
        "IDP-P002",
        "the state of this platform is locked by another run",
        f"process {holder.pid} of {holder.user} on {holder.host or 'an unknown host'} holds it",
        fix,
    )
