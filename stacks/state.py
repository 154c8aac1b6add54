"""Read, repair and unlock the state that Pulumi's own backend keeps for one instance, wherever that lies.

Reading the files takes a millisecond where asking the command would take half a second; the layout is
that of the "diy" backend of the pinned Pulumi version and is pinned by a test with the real command.
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bootstrap.errors import IdpError
from stacks.store import Store

PROJECT = "idp"
_ROOT = ".pulumi"

#: How Pulumi says that another run was faster; there is a moment between our look and its lock.
_LOCKED = re.compile(
    rf"locks/organization/{PROJECT}/(?P<stack>[^/\s]+)/\S+: created by (?P<user>\S+)@(?P<host>[^@\s]+)"
    r" \(pid (?P<pid>\d+)\) at (?P<since>\S+)"
)


@dataclass(frozen=True)
class Recorded:
    """The resources of the last checkpoint, as Pulumi stored them, and the key of their secrets."""

    resources: tuple[Mapping[str, Any], ...] = ()
    #: Of a state encrypted by a cloud's key: its URL and the data key that it has encrypted.
    encryption: Mapping[str, str] | None = None

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
    """Who holds the state, as the backend's lock file says; `since` is None where it does not."""

    key: str
    pid: int
    host: str
    user: str
    since: datetime | None = None

    def __str__(self) -> str:
        since = f" since {self.since:%Y-%m-%d %H:%M:%S %Z}" if self.since else ""
        return f"process {self.pid} of {self.user} on {self.host or 'an unknown host'} holds it{since}"


class State:
    """The files of one stack in a store.

    `began` is the beginning of a run on this machine that never ended, and matters where machines share
    the store: their names are not unique (those of many CI runners are all the same), so a lock is this
    machine's only if a run of its own was killed. In a store of this machine alone the name suffices.
    """

    def __init__(
        self, store: Store, stack: str, *, shared: bool = False, began: datetime | None = None
    ) -> None:
        self.store, self.stack, self.shared, self.began = store, stack, shared, began
        self.checkpoint = f"{_ROOT}/stacks/{PROJECT}/{stack}.json"
        self.backup = f"{self.checkpoint}.bak"
        self.locks = f"{_ROOT}/locks/organization/{PROJECT}/{stack}/"
        self.history = f"{_ROOT}/history/{PROJECT}/{stack}/"

    @property
    def exists(self) -> bool:
        return bool({self.checkpoint, self.backup} & set(self.store.keys(self.checkpoint)))

    def read(self) -> Recorded:
        """The last checkpoint; empty before the first `up`."""
        document = _object(self.store.read(self.checkpoint)) or {}
        latest = document.get("checkpoint", {}).get("latest") or {}
        provider = latest.get("secrets_providers") or {}
        encryption = provider.get("state") if provider.get("type") == "cloud" else None
        return Recorded(tuple(latest.get("resources") or ()), encryption)

    def repair(self) -> bool:
        """Restore a missing or truncated checkpoint from the one before it; True where that was needed.

        The step that the lost checkpoint recorded is repeated by the next `up`: Kubernetes objects are
        applied, not created, and the cluster resource starts afresh. Where the store keeps versions, the
        latest sound one serves where the backup does not. Raises IDP-P003.
        """
        if not self.exists or _object(self.store.read(self.checkpoint)) is not None:
            return False
        sound = next((content for content in self._earlier() if _object(content) is not None), None)
        if sound is None:
            raise IdpError(
                "IDP-P003",
                "the state of this platform cannot be read, and neither can its backup",
                f"{self.store.place(self.checkpoint)} is missing or not valid JSON",
                f"idp down --name {self.stack} --yes   # then `idp up`: it starts afresh",
            )
        self.store.write(self.checkpoint, sound)
        return True

    def _earlier(self) -> Iterable[bytes]:
        backup = self.store.read(self.backup)
        if backup is not None:
            yield backup
        yield from self.store.versions(self.checkpoint)

    def unlock(self, patience: float = 20.0, alive: Callable[[int], bool] | None = None) -> None:
        """Remove locks whose holder is certainly dead; wait a little for one that is just ending.

        Raises IDP-P002 naming the holder where one lives on, or ran on another host.
        """
        deadline = time.monotonic() + patience
        while blocking := self._blocking(alive or is_pulumi):
            if not self._is_ours(blocking[0]) or time.monotonic() > deadline:
                raise _locked(self.stack, blocking[0])
            time.sleep(0.2)

    def release(self, holders: Iterable[Holder]) -> None:
        """Remove these locks, whoever holds them."""
        for holder in holders:
            self.store.remove(holder.key)

    def holders(self) -> list[Holder]:
        """Everyone who holds a lock. An unreadable one was never finished: no holder."""
        found = []
        for key in self.store.keys(self.locks):
            lock = _object(self.store.read(key))
            if lock is None:
                self.store.remove(key)
                continue
            host, user = str(lock.get("hostname", "")), str(lock.get("username", ""))
            since = _moment(str(lock.get("timestamp", "")))
            found.append(Holder(key, int(lock.get("pid", 0)), host, user, since))
        return found

    def _blocking(self, alive: Callable[[int], bool]) -> list[Holder]:
        """Holders that may be alive; the locks of dead ones are removed on the way."""
        found = self.holders()
        dead = [holder for holder in found if self._is_ours(holder) and not alive(holder.pid)]
        self.release(dead)
        return [holder for holder in found if holder not in dead]

    def is_held_by_us(self) -> bool:
        """Is there a lock that a run of this machine has, or has left?"""
        return any(self._is_ours(holder) for holder in self.holders())

    def _is_ours(self, holder: Holder) -> bool:
        """Did it certainly run on this machine?"""
        if holder.host != socket.gethostname():
            return False
        if not self.shared:
            return True
        return bool(self.began and holder.since and holder.since >= self.began)

    def tidy(self, keep: int) -> None:
        """Drop all but the latest files of the history; each run leaves some, named by its time."""
        for key in self.store.keys(self.history)[:-keep]:
            self.store.remove(key)

    def discard(self) -> None:
        """Remove what is left of a stack in which nothing exists any more."""
        for key in (
            *(self.checkpoint, self.backup),
            *self.store.keys(self.history),
            *self.store.keys(self.locks),
        ):
            self.store.remove(key)


def locked_in(text: str) -> IdpError | None:
    """What Pulumi says where another run holds the state, as an error for users."""
    found = _LOCKED.search(text)
    if not found:
        return None
    holder = Holder("", int(found["pid"]), found["host"], found["user"], _moment(found["since"]))
    return _locked(found["stack"], holder)


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


def _object(content: bytes | None) -> dict[str, Any] | None:
    """A JSON object, or None where the content is missing, truncated or something else."""
    try:
        document = json.loads(content or b"")
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _locked(stack: str, holder: Holder) -> IdpError:
    return IdpError(
        "IDP-P002",
        "the state of this platform is locked by another run",
        str(holder),
        f"wait for it to end; if it is certainly over: idp cloud unlock --name {stack}",
    )
