"""What this machine is: read once, as a value, so that judging it needs no machine."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bootstrap import instance, paths, shell
from bootstrap.errors import IdpError

_GIB = 2**30
_KIND_LABEL = "io.x-k8s.kind.cluster"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
_AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "PIP_CERT")


@dataclass(frozen=True)
class ContainerEngine:
    """The engine that answers to `docker`; `trouble` says why none does."""

    kind: str = "docker"
    version: str = ""
    cpus: int = 0
    memory_gib: float = 0.0
    root: str = ""
    cgroup: str = "2"
    rootless: bool = False
    buildx: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class Disk:
    """Free space where idp stores something."""

    purpose: str
    path: str
    free_gib: float


@dataclass(frozen=True)
class Machine:
    """Facts of a machine; everything that `doctor.judge` looks at."""

    engine: ContainerEngine
    memory_available_gib: float | None = None
    disks: tuple[Disk, ...] = ()
    busy_ports: frozenset[int] = frozenset()
    inotify_watches: int | None = None
    inotify_instances: int | None = None
    proxies: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    registries: dict[str, bool] = field(default_factory=dict)
    packages: dict[str, bool] = field(default_factory=dict)
    bundle: bool = False


def look(ports: Iterable[int] = ()) -> Machine:
    """Read the machine; takes well under a second, and fails for nothing that is merely missing."""
    engine = container_engine()
    return Machine(
        engine=engine,
        memory_available_gib=_memory_available(Path("/proc/meminfo")),
        disks=_disks(engine),
        busy_ports=frozenset(port for port in ports if not instance.is_free(port)),
        inotify_watches=_kernel_limit("max_user_watches"),
        inotify_instances=_kernel_limit("max_user_instances"),
        proxies=_set_variables(_PROXIES),
        authorities=_set_variables(_AUTHORITIES),
        platforms=tuple(instance.names()),
        clusters=_clusters() if not engine.trouble else (),
    )


def container_engine() -> ContainerEngine:
    """Ask `docker`, and tell why where it does not answer."""
    if shutil.which("docker", path=shell.environment()["PATH"]) is None:
        if shutil.which("podman"):
            return ContainerEngine(kind="podman", trouble="only podman is installed")
        return ContainerEngine(trouble="no `docker` on PATH")
    try:
        done = shell.run(["docker", "info", "--format", "{{json .}}"], check=False, timeout=20)
    except IdpError as error:
        return ContainerEngine(trouble=error.what)
    try:
        answer = json.loads(done.out or "{}")
    except ValueError:
        return ContainerEngine(trouble=shell.tail(done.err or done.out, lines=1))
    return engine_of(answer, done.err)


def engine_of(info: dict[str, Any], complaint: str = "") -> ContainerEngine:
    """The engine in the answer of `docker info`; a podman that answers to that name shows as such."""
    if "host" in info:
        return ContainerEngine(kind="podman", version=str(info.get("version", {}).get("Version", "")))
    if not info.get("ServerVersion"):
        reasons = info.get("ServerErrors") or [shell.tail(complaint, lines=1) or "it does not answer"]
        return ContainerEngine(trouble=str(reasons[0]))
    plugins = info.get("ClientInfo", {}).get("Plugins") or []
    return ContainerEngine(
        version=str(info["ServerVersion"]),
        cpus=int(info.get("NCPU", 0)),
        memory_gib=int(info.get("MemTotal", 0)) / _GIB,
        root=str(info.get("DockerRootDir", "")),
        cgroup=str(info.get("CgroupVersion", "2")),
        rootless=any("name=rootless" in option for option in info.get("SecurityOptions") or []),
        buildx=next((str(p.get("Version", "?")) for p in plugins if p.get("Name") == "buildx"), ""),
    )


def _disks(engine: ContainerEngine) -> tuple[Disk, ...]:
    """Where images and caches go, one entry per file system.

    An engine in a virtual machine keeps a disk of its own, which cannot be seen from here.
    """
    places = [("images", Path(engine.root))] if engine.root else []
    places += [("cache", paths.cache()), ("data", paths.data())]
    by_device: dict[int, list[tuple[str, Path]]] = {}
    for purpose, path in places:
        if existing := _nearest(path):
            by_device.setdefault(existing.stat().st_dev, []).append((purpose, existing))
    return tuple(
        Disk(
            purpose=", ".join(purpose for purpose, _ in shared),
            path=str(shared[0][1]),
            free_gib=shutil.disk_usage(shared[0][1]).free / _GIB,
        )
        for shared in by_device.values()
    )


def _nearest(path: Path) -> Path | None:
    """The path, or the folder in which idp would make it; nothing for a root that is not of this host."""
    if path.exists():
        return path
    home = paths.cache(), paths.data()
    return next((p for p in path.parents if p.exists()), None) if path in home else None


def _memory_available(meminfo: Path) -> float | None:
    """GiB that programs can still take; None where the kernel does not say."""
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 2**20 for line in lines if line.startswith("MemAvailable:")), None)


def _kernel_limit(name: str) -> int | None:
    try:
        return int(Path("/proc/sys/fs/inotify", name).read_text())
    except (OSError, ValueError):
        return None


def _set_variables(names: Iterable[str]) -> tuple[str, ...]:
    """Which of the variables are set in either spelling; their values may hold passwords."""
    return tuple(name for name in names if os.environ.get(name) or os.environ.get(name.lower()))


def _clusters() -> tuple[str, ...]:
    """kind clusters of this engine, also stopped ones."""
    listing = ["docker", "ps", "--all", "--filter", f"label={_KIND_LABEL}"]
    done = shell.run([*listing, "--format", f'{{{{.Label "{_KIND_LABEL}"}}}}'], check=False, timeout=20)
    return tuple(sorted(set(done.out.split())))
