"""What this machine remembers of an instance, and the lock that lets one command at a time change it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from bootstrap import paths
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.model import Target

#: Where the Kubernetes API of an instance listens: somewhere from here on, below the ports of outgoing calls.
API_PORT = 16443
_API_PORTS = 10_000
_PORTS_TRIED = 100


@dataclass(frozen=True)
class Instance:
    """The choices of the first `up`; later runs keep them unless told otherwise."""

    name: str
    target: str
    stack: str
    size: str
    https_port: int
    api_port: int
    #: Of a cloud: what was asked for, where it stands for life, and when it may be removed (ISO 8601, UTC).
    profile: str = ""
    domain: str = ""
    region: str = ""
    account: str = ""
    expires: str = ""
    owner: str = ""
    allow: list[str] = field(default_factory=list)
    #: Of a cluster that existed before: its context, and what the user said of it.
    context: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    #: Where the state lies: a folder beside this record where empty, or the bucket of that name.
    state_bucket: str = ""


def where(here: Instance) -> Target:
    """The target that an instance runs on."""
    return Target(here.target, here.name, here.context, here.facts)


def find(name: str) -> Instance | None:
    """The remembered instance, or None where there is none."""
    try:
        return Instance(**json.loads(_file(name).read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise IdpError(
            "IDP-I001",
            f"the record of instance `{name}` cannot be read",
            f"{_file(name)}: {error}",
            f"idp down --name {name} --yes",
        ) from error


def get(name: str) -> Instance:
    """The remembered instance. Raises IDP-I002 where there is none."""
    found = find(name)
    if found is None:
        known = ", ".join(names()) or "none"
        raise IdpError(
            "IDP-I002",
            f"there is no platform named `{name}` on this machine",
            f"known platforms: {known}",
            f"idp up --local --name {name}",
            exit_code=WRONG_USE,
        )
    return found


def names() -> list[str]:
    """All instances of this user, sorted."""
    return sorted(p.parent.name for p in paths.instances().glob("*/instance.json"))


def remember(instance: Instance) -> None:
    folder = create_folder(instance.name)
    temporary = folder / "instance.json.new"
    temporary.write_text(json.dumps(asdict(instance), indent=2) + "\n")
    temporary.replace(_file(instance.name))


def create_folder(name: str) -> Path:
    """The instance's folder, readable by its owner only."""
    folder = paths.instance(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def lock(name: str) -> Iterator[None]:
    """Hold the instance alone. Raises IDP-I003 with the holder's process id where another command does."""
    _lock_file(name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(name) as file:
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def choosing() -> Iterator[None]:
    """Choose ports alone: two first runs at the same time would find the same ones free."""
    file = paths.data() / "locks" / "choosing"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def forget(name: str) -> None:
    """Remove all that this machine remembers of an instance; the caller holds its lock."""
    shutil.rmtree(paths.instance(name), ignore_errors=True)
    _lock_file(name).unlink(missing_ok=True)


@contextmanager
def _locked(name: str) -> Iterator[IO[str]]:
    """The lock file, held; opened again where `forget` has removed it between opening and holding."""
    while True:
        with _lock_file(name).open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                raise IdpError(
                    "IDP-I003",
                    f"another idp command is working on `{name}`",
                    f"process {file.read().strip() or 'unknown'} holds it",
                    f"wait for it to end, then run `idp status --name {name}`",
                ) from error
            if not _is_current(file, _lock_file(name)):
                continue
            yield file
            return


def _is_current(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def free_port(preferred: int, taken: frozenset[int] = frozenset()) -> int:
    """The preferred port on loopback or the next free one. Raises IDP-I004 after 100 taken ones."""
    for port in range(preferred, preferred + _PORTS_TRIED):
        if port not in taken and is_free(port):
            return port
    raise IdpError(
        "IDP-I004",
        f"no free port from {preferred} to {preferred + _PORTS_TRIED - 1} on 127.0.0.1",
        "every one of them is taken by another program or platform",
        "idp up --local --port PORT",
    )


def free_api_port(taken: frozenset[int]) -> int:
    """A free port that nobody types, anywhere in a range: whoever else chooses now finds another."""
    return free_port(API_PORT + secrets.randbelow(_API_PORTS), taken)


def is_free(port: int) -> bool:
    """Does nothing listen there on loopback?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def remembered_ports() -> frozenset[int]:
    """Ports of all instances, running or not: a stopped platform keeps its own."""
    instances = [found for name in names() if (found := find(name))]
    return frozenset(port for i in instances for port in (i.https_port, i.api_port))


def _lock_file(name: str) -> Path:
    return paths.data() / "locks" / f"{name}.lock"


def _file(name: str) -> Path:
    return paths.instance(name) / "instance.json"
