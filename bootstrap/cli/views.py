"""How results look as a table and as JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bootstrap.cli.options import Output
from bootstrap.console import print_json, print_table
from bootstrap.console.output import print_line
from bootstrap.console.style import duration, paint
from bootstrap.model import Manifests, Plan, Status
from bootstrap.sizing import CloudProfile

if TYPE_CHECKING:
    from bootstrap.bundle.lock import Lock
    from bootstrap.up import Result


def plan(value: Plan, changes: Mapping[str, int] | str) -> None:
    """Packages in the order in which they come up, what the machine must offer, Pulumi's preview."""
    needs = value.requirements
    print_line(f"Stack {value.stack} on target {value.target.kind} as `{value.target.name}`")
    print_line(
        f"Size {value.facts.size}: {needs.cpus} CPUs, {needs.memory_gib:g} GiB of memory, "
        f"{needs.disk_gib:g} GiB of disk"
    )
    if value.cloud:
        cloud_profile(value.cloud)
    print_line()
    print_table(
        ["package", "version", "namespace", "images", "page"],
        [
            [
                p.name,
                p.version,
                p.namespace,
                " ".join(i.name for i in p.images),
                value.facts.url(p.endpoint.host) if p.endpoint else "",
            ]
            for p in value.packages
        ],
    )
    print_line()
    print_line(f"Preview: {foreseen(changes)}")


def cloud_profile(value: CloudProfile) -> None:
    """What the chosen profile means, in the order in which it costs money."""
    database, gpu = value.database, value.gpu
    zones = "in two zones" if database.multi_az else "in one zone"
    kept = ", protected from deletion" if database.deletion_protection else ""
    print_line(f"Profile {value.name}: {value.zones} zones, NAT {value.nat}, logs for {value.log_days} days")
    print_line(f"Nodes: at most {value.nodes.cpus} CPUs and {value.nodes.memory_gib} GiB of memory")
    if gpu:
        print_line(f"GPUs: at most {gpu.max_nodes} nodes of {', '.join(gpu.instance_types)}")
    print_line(
        f"Database: {database.instance_class}, {database.storage_gib} GiB, {zones}, "
        f"backups for {database.backup_days} days{kept}"
    )
    print_line(f"API: {', '.join(value.public_cidrs) or 'from inside the network only'}")
    print_line(f"Budget: {value.budget_usd_month:g} USD a month, with an alarm")


def foreseen(changes: Mapping[str, int] | str) -> str:
    """Pulumi's preview in a few words."""
    if isinstance(changes, str):
        return changes
    return ", ".join(f"{count} to {verb}" for verb, count in sorted(changes.items())) or "nothing to change"


def rendered(packages: Mapping[str, Manifests]) -> None:
    """Every manifest under its path in the platform repository, as one stream of YAML documents."""
    for package, manifests in packages.items():
        for name, text in manifests.items():
            print_line(f"---\n# packages/{package}/{name}\n{text.removeprefix('---').strip()}")


def plan_record(value: Plan) -> dict[str, Any]:
    """The plan without paths of this machine, so that plans of two machines can be compared."""
    return {
        "stack": value.stack,
        "target": {"kind": value.target.kind, "name": value.target.name},
        "profile": value.cloud.name if value.cloud else None,
        "domain": value.facts.domain,
        "facts": value.facts,
        "requirements": value.requirements,
        "cloud": value.cloud,
        "packages": [
            {
                "name": p.name,
                "version": p.version,
                "namespace": p.namespace,
                "requires": p.requires,
                "bootstrap": p.bootstrap,
                "images": {image.name: image.upstream for image in p.images},
                "databases": p.databases,
                "buckets": p.buckets,
                "settings": p.settings,
                "size": p.size,
                "url": value.facts.url(p.endpoint.host) if p.endpoint else None,
            }
            for p in value.packages
        ],
    }


def status(value: Status, output: Output) -> None:
    """Every check with its answer, then applications, then addresses."""
    if output is Output.JSON:
        print_json(status_record(value))
        return
    print_table(
        ["check", "ok", "seconds", "detail"],
        [[c.name, "yes" if c.ok else "NO", f"{c.seconds:.2f}", c.detail] for c in value.checks],
    )
    print_line()
    print_table(["application", "sync", "health"], [[a.name, a.sync, a.health] for a in value.applications])
    print_line()
    endpoints(value)


def status_record(value: Status) -> dict[str, Any]:
    return {
        "ready": value.ready,
        "name": value.name,
        "target": value.target,
        "checks": list(value.checks),
        "applications": list(value.applications),
        "endpoints": value.endpoints,
    }


def endpoints(value: Status) -> None:
    """The pages, and one line that says whether they can be used."""
    print_table(["page", "address"], list(value.endpoints.items()))
    print_line()
    if value.ready:
        print_line(paint(f"The platform `{value.name}` is ready.", "bold green", sys.stdout))
    else:
        failed = ", ".join(check.name for check in value.checks if not check.ok) or "nothing answered"
        print_line(paint(f"The platform `{value.name}` is not ready: {failed}", "bold red", sys.stdout))


def ready(result: Result, stages: Sequence[tuple[str, float]], output: Output) -> None:
    """What `up` ends with: time per stage, addresses, and what to do next."""
    value = result.status
    if output is Output.JSON:
        timings = [{"name": name, "seconds": round(seconds, 3)} for name, seconds in stages]
        print_json(
            {
                **status_record(value),
                "changed": result.changed,
                "stages": timings,
                "seconds": round(sum(seconds for _, seconds in stages), 3),
                "facts": result.facts,
                "expires": result.expires or None,
            }
        )
        return
    flag = "" if value.name == "idp" else f" --name {value.name}"
    total = duration(sum(seconds for _, seconds in stages))
    each = ", ".join(f"{name} {duration(seconds)}" for name, seconds in stages)
    print_line(f"{'Done' if result.changed else 'Nothing changed'} in {total}: {each}")
    print_line()
    endpoints(value)
    print_line()
    print_line(f"Next:  idp secrets{flag}    users and passwords")
    print_line(f"       idp open{flag}       the portal in your browser")
    print_line(f"       idp status{flag}     does everything answer?")


def secrets(rows: Sequence[Mapping[str, str]], output: Output) -> None:
    """One row per login."""
    if output is Output.JSON:
        print_json([dict(row) for row in rows])
        return
    columns = list(dict.fromkeys(key for row in rows for key in row))
    print_table(columns, [[row.get(column, "") for column in columns] for row in rows])


def bundle(lock: Lock, output: Output) -> None:
    """The images of a bundle, each by digest."""
    if output is Output.JSON:
        print_json(
            {
                "id": lock.id,
                "stack": lock.stack,
                "platform": lock.platform,
                "source": lock.source,
                "images": list(lock.images),
                "manifests": list(lock.manifests),
            }
        )
        return
    print_line(f"Bundle of the stack {lock.stack} for {lock.platform}, from {lock.source}: {lock.id[:12]}")
    print_line()
    print_table(
        ["image", "role", "digest", "size"],
        [[i.name, i.role, i.digest, f"{i.size / 1e6:.0f} MB"] for i in lock.images],
    )
