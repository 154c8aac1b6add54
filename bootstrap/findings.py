"""From facts of a machine to findings: what is fine, what is worth knowing, what is in the way. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bootstrap.finding import Finding, State
from bootstrap.machine import ContainerEngine, Machine
from bootstrap.model import Requirements

OLDEST_ENGINE = 23
#: A machine sold with 4 GiB shows less: firmware and kernel keep a share.
_MEMORY_SHARE = 0.9
#: GiB that an instance takes of its own: volumes, logs, state; its images are links to shared ones.
_INSTANCE_DISK = 4.0
#: What kind advises for a cluster with many pods: https://kind.sigs.k8s.io/docs/user/known-issues
_INOTIFY = {"max_user_watches": 524288, "max_user_instances": 512}


@dataclass(frozen=True)
class Wanted:
    """What is to run here. `existing`: it already does, so that its share of the machine is taken."""

    size: str
    requirements: Requirements
    name: str = "idp"
    profiles: Mapping[str, Requirements] = field(default_factory=dict)
    https_port: int = 0
    existing: bool = False


def judge(machine: Machine, wanted: Wanted) -> tuple[Finding, ...]:
    """Every finding about a machine, in the order in which a person would fix them."""
    return tuple(finding for look in _LOOKS for finding in look(machine, wanted))


def failed(findings: Sequence[Finding]) -> bool:
    """Is anything in the way?"""
    return any(finding.state is State.FAIL for finding in findings)


def fitting_size(machine: Machine, profiles: Mapping[str, Requirements]) -> str:
    """The largest profile that the machine holds; the smallest where it holds none."""
    by_size = sorted(profiles, key=lambda name: profiles[name].memory_gib, reverse=True)
    return next((name for name in by_size if _fits(machine, profiles[name])), by_size[-1])


def _fits(machine: Machine, needs: Requirements) -> bool:
    engine = machine.engine
    return (
        engine.cpus >= needs.cpus
        and engine.memory_gib >= needs.memory_gib * _MEMORY_SHARE
        and all(disk.free_gib >= _disk_needed(machine, needs) for disk in machine.disks)
    )


def _disk_needed(machine: Machine, needs: Requirements) -> float:
    """GiB: most of what a profile asks for goes to the bundle, which all platforms share."""
    return min(needs.disk_gib, _INSTANCE_DISK) if machine.bundle else needs.disk_gib


def _engine(machine: Machine, wanted: Wanted) -> Iterator[Finding]:
    engine, title = machine.engine, "container engine"
    if engine.kind == "podman":
        yield Finding(
            "IDP-D003",
            title,
            State.FAIL,
            f"podman {engine.version}".strip() + ": idp needs Docker's builder and its API",
            "install Docker 23 or newer; both can be installed side by side",
        )
    elif engine.trouble:
        yield Finding("IDP-D001", title, State.FAIL, engine.trouble, "make engine")
    elif _major(engine) < OLDEST_ENGINE:
        yield Finding(
            "IDP-D002",
            title,
            State.FAIL,
            f"Docker {engine.version}; {OLDEST_ENGINE} or newer is needed",
            f"update Docker to {OLDEST_ENGINE} or newer",
        )
    else:
        rootless = ", rootless" if engine.rootless else ""
        yield Finding("IDP-D001", title, State.OK, f"Docker {engine.version}{rootless}")


def _major(engine: ContainerEngine) -> int:
    found = re.match(r"\d+", engine.version)
    return int(found.group()) if found else 0


def _resources(machine: Machine, wanted: Wanted) -> Iterator[Finding]:
    """CPUs, memory and disk against the profile; nothing can be said while no engine answers."""
    if not machine.engine.version:
        return
    needs, engine = wanted.requirements, machine.engine
    has_cpus = engine.cpus >= needs.cpus
    yield Finding(
        "IDP-D004",
        "CPUs",
        State.OK if has_cpus or wanted.existing else State.FAIL,
        f"{engine.cpus}; size `{wanted.size}` needs {needs.cpus}",
        "" if has_cpus else _smaller(machine, wanted, "give the engine more CPUs"),
    )
    yield _memory(machine, wanted)
    disk_gib = _disk_needed(machine, needs)
    for disk in machine.disks:
        enough = disk.free_gib >= disk_gib or wanted.existing
        yield Finding(
            "IDP-D006",
            "disk",
            State.OK if enough else State.FAIL,
            f"{disk.free_gib:.1f} GiB free for {disk.purpose} (in {disk.path}); "
            f"size `{wanted.size}` needs {disk_gib:g} GiB" + " beside its bundle" * machine.bundle,
            "" if enough else _smaller(machine, wanted, "free disk space, for instance `docker image prune`"),
        )


def _memory(machine: Machine, wanted: Wanted) -> Finding:
    needs, total, free = (
        wanted.requirements.memory_gib,
        machine.engine.memory_gib,
        machine.memory_available_gib,
    )
    detail = f"{total:.1f} GiB; size `{wanted.size}` needs {needs:g} GiB"
    if wanted.existing:
        return Finding("IDP-D005", "memory", State.OK, detail)
    if total < needs * _MEMORY_SHARE:
        remedy = _smaller(machine, wanted, "give the engine more memory")
        return Finding("IDP-D005", "memory", State.FAIL, detail, remedy)
    if free is not None and free < needs * _MEMORY_SHARE:
        detail = f"{free:.1f} of {total:.1f} GiB free; size `{wanted.size}` needs {needs:g} GiB"
        return Finding("IDP-D005", "memory", State.WARN, detail, "end programs that you do not need")
    return Finding("IDP-D005", "memory", State.OK, detail)


def _smaller(machine: Machine, wanted: Wanted, otherwise: str) -> str:
    """The command with the largest smaller profile that fits, or else `otherwise`."""
    fits = [
        name
        for name, needs in wanted.profiles.items()
        if needs.memory_gib < wanted.requirements.memory_gib and _fits(machine, needs)
    ]
    if not fits:
        return otherwise
    best = max(fits, key=lambda name: wanted.profiles[name].memory_gib)
    return f"{_up(wanted)} --size {best}"


def _up(wanted: Wanted) -> str:
    return "idp up --local" + (f" --name {wanted.name}" if wanted.name != "idp" else "")


def _ports(machine: Machine, wanted: Wanted) -> Iterator[Finding]:
    """Only a port that was asked for can be taken; otherwise the next free one is used."""
    if not wanted.https_port or wanted.existing:
        return
    taken = wanted.https_port in machine.busy_ports
    yield Finding(
        "IDP-D007",
        "HTTPS port",
        State.FAIL if taken else State.OK,
        f"{wanted.https_port} is {'taken' if taken else 'free'}",
        f"{_up(wanted)} without --port, which takes the next free one" if taken else "",
    )


def _builder(machine: Machine, wanted: Wanted) -> Iterator[Finding]:
    engine = machine.engine
    if not engine.version or engine.kind == "podman":
        return
    if engine.buildx:
        yield Finding("IDP-D008", "builder", State.OK, f"buildx {engine.buildx}")
        return
    # Whoever pulls images or imports a bundle never builds.
    needed = not machine.bundle and bool(machine.registries) and not any(machine.registries.values())
    yield Finding(
        "IDP-D008",
        "builder",
        State.FAIL if needed else State.WARN,
        "docker buildx is missing; images cannot be built from packages",
        "install the package docker-buildx (or docker-buildx-plugin)",
    )


def _kernel(machine: Machine, wanted: Wanted) -> Iterator[Finding]:
    found = {
        "max_user_watches": machine.inotify_watches,
        "max_user_instances": machine.inotify_instances,
    }
    low = {k: v for k, v in found.items() if v is not None and v < _INOTIFY[k]}
    if any(value is not None for value in found.values()):
        yield Finding(
            "IDP-D009",
            "inotify limits",
            State.WARN if low else State.OK,
            ", ".join(f"{k} {v}" + (f", better {_INOTIFY[k]}" if k in low else "") for k, v in found.items()),
            "sudo sysctl " + " ".join(f"fs.inotify.{k}={_INOTIFY[k]}" for k in low) if low else "",
        )
    if machine.engine.version:
        old = machine.engine.cgroup == "1"
        detail = f"version {machine.engine.cgroup}"
        yield Finding("IDP-D010", "cgroup", State.OK, detail + "; the node is configured for it" * old)


def _network(machine: Machine, wanted: Wanted) -> Iterator[Finding]:
    settings = [*machine.proxies, *machine.authorities]
    yield Finding(
        "IDP-D011",
        "proxy and certificates",
        State.OK,
        f"used in builds: {', '.join(settings)}" if settings else "none configured",
    )
    if machine.registries or machine.packages:
        yield _sources(machine)


def _sources(machine: Machine) -> Finding:
    counts = [
        f"{sum(hosts.values())} of {len(hosts)} {what}"
        for what, hosts in (
            ("image registries", machine.registries),
            ("package registries", machine.packages),
        )
        if hosts
    ]
    detail = "reachable: " + ", ".join(counts)
    if machine.bundle:
        return Finding("IDP-D012", "sources", State.OK, f"{detail}; a bundle is here, none is needed")
    # Every image has its own registry; of the package registries no stack needs all.
    if (machine.registries and all(machine.registries.values())) or any(machine.packages.values()):
        return Finding("IDP-D012", "sources", State.OK, detail)
    return Finding("IDP-D012", "sources", State.FAIL, detail, "idp bundle import FILE")


def _leftovers(machine: Machine, wanted: Wanted) -> Iterator[Finding]:
    """Clusters that nobody remembers; they may be the user's own, so that this is no more than a hint."""
    lost = [name for name in machine.platforms if name not in machine.clusters]
    known = f"{len(machine.platforms)} on record" + (
        f": {', '.join(machine.platforms)}" * bool(machine.platforms)
    )
    if lost and machine.engine.version:
        yield Finding(
            "IDP-D013",
            "platforms",
            State.WARN,
            f"{known}; without a cluster: {', '.join(lost)}",
            f"idp up --name {lost[0]}, or idp down --name {lost[0]}",
        )
    else:
        yield Finding("IDP-D013", "platforms", State.OK, known)


_LOOKS: tuple[Callable[[Machine, Wanted], Iterator[Finding]], ...] = (
    _engine,
    _resources,
    _ports,
    _builder,
    _kernel,
    _network,
    _leftovers,
)
