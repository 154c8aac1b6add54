"""From a stack definition and a target to a plan. Pure, but for reading definitions."""

from __future__ import annotations

from pathlib import Path

from bootstrap import definitions, paths
from bootstrap.definitions import DNS_LABEL, PackageDefinition, StackDefinition
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.model import (
    Endpoint,
    Facts,
    Image,
    Package,
    Plan,
    Requirements,
    SecretKey,
    SecretSpec,
    Target,
    UpstreamManifests,
)

DEFAULT_PORT = 8443


def load(stack: str, target: Target, size: str = "", https_port: int = DEFAULT_PORT) -> Plan:
    """Read the definitions and resolve them for a target."""
    definition = definitions.stack(stack, paths.stacks())
    contracts = definitions.packages(list(definition.packages), paths.packages())
    return resolve(Path(stack).stem, definition, contracts, paths.packages(), target, size, https_port)


def resolve(
    stack: str,
    definition: StackDefinition,
    contracts: dict[str, PackageDefinition],
    folder: Path,
    target: Target,
    size: str = "",
    https_port: int = DEFAULT_PORT,
) -> Plan:
    """Packages in the order of their requirements, settings merged, sizes chosen.

    Raises IDP-A004 (faults between definitions and target, all at once).
    """
    size = size or definition.default_size
    faults = _faults(definition, contracts, target, size)
    if faults:
        raise IdpError(
            "IDP-A004",
            f"the stack `{stack}` cannot be planned",
            fix="correct the faults above, then run `idp plan`",
            faults=faults,
            exit_code=WRONG_USE,
        )
    packages = tuple(
        _package(name, contracts[name], folder / name, _chosen(definition, name), size)
        for name in in_order(contracts)
    )
    needs = definition.sizes[size]
    return Plan(
        stack=stack,
        target=target,
        facts=_facts(target, size, https_port),
        packages=packages,
        requirements=Requirements(needs.cpus, needs.memory_gib, needs.disk_gib),
    )


def in_order(contracts: dict[str, PackageDefinition]) -> list[str]:
    """Names with every package after those it requires; otherwise as the stack lists them."""
    ordered: list[str] = []

    def place(name: str, path: tuple[str, ...]) -> None:
        if name in ordered or name in path:
            return
        for required in contracts[name].requires:
            if required in contracts:
                place(required, (*path, name))
        ordered.append(name)

    for name in contracts:
        place(name, ())
    return ordered


def _faults(
    definition: StackDefinition, contracts: dict[str, PackageDefinition], target: Target, size: str
) -> list[str]:
    faults = []
    if not DNS_LABEL.match(target.name):
        faults.append(f"name `{target.name}`: must be a DNS label (a-z, 0-9, '-', at most 40 characters)")
    if size not in definition.sizes:
        faults.append(f"size `{size}`: this stack knows {', '.join(definition.sizes)}")
    for name, contract in contracts.items():
        faults += [
            f"package `{name}` requires `{required}`, which the stack does not list"
            for required in contract.requires
            if required not in contracts
        ]
        unknown = set(_chosen(definition, name)) - set(contract.settings)
        faults += [
            f"package `{name}` has no setting `{key}`; it knows: {', '.join(contract.settings) or 'none'}"
            for key in sorted(unknown)
        ]
    return faults + _shared_twice(contracts)


def _shared_twice(contracts: dict[str, PackageDefinition]) -> list[str]:
    """Whoever shares a database or a bucket shares its account, too: each has one package."""
    asking: dict[str, list[str]] = {}
    for name, contract in contracts.items():
        asked = {"database": contract.databases, "bucket": contract.buckets}
        for share in (f"{kind} `{share}`" for kind, shares in asked.items() for share in shares):
            asking.setdefault(share, []).append(f"`{name}`")
    return [
        f"{share} is asked for by more than one package: {', '.join(names)}"
        for share, names in asking.items()
        if len(names) > 1
    ]


def _chosen(definition: StackDefinition, name: str) -> dict[str, object]:
    choice = definition.packages[name]
    return choice.settings if choice else {}


def _facts(target: Target, size: str, https_port: int) -> Facts:
    """Facts that are known before the target exists; a target may replace some after provisioning."""
    return Facts(
        name=target.name,
        domain=f"{target.name}.localhost",
        https_port=https_port,
        gateway_class="traefik",
        storage_class="standard",
        registry="idp.local",
        database_host="postgres.postgres.svc",
        objectstore_endpoint="http://objectstore.objectstore.svc:9000",
        size=size,
    )


def _package(
    name: str, contract: PackageDefinition, folder: Path, chosen: dict[str, object], size: str
) -> Package:
    return Package(
        name=name,
        folder=folder,
        namespace=contract.namespace or name,
        description=contract.description,
        version=contract.version,
        requires=tuple(contract.requires),
        bootstrap=contract.bootstrap,
        images=tuple(
            Image(key, entry.upstream, folder / entry.build, entry.target)
            for key, entry in contract.images.items()
        ),
        databases=tuple(contract.databases),
        buckets=tuple(contract.buckets),
        secrets=tuple(
            SecretSpec(
                key,
                {k: SecretKey(v.value, v.generate) for k, v in entry.keys.items()},
                entry.type,
                entry.show,
                tuple(entry.also),
                entry.labels,
            )
            for key, entry in contract.secrets.items()
        ),
        oidc_client=contract.oidc_client,
        oidc_redirects=tuple(contract.oidc_redirects),
        endpoint=Endpoint(**contract.endpoint.model_dump()) if contract.endpoint else None,
        upstream_manifests=tuple(
            UpstreamManifests(e.module, e.version, e.path, e.sha256, tuple(e.include))
            for e in contract.upstream_manifests
        ),
        settings={**contract.settings, **chosen},
        size=contract.sizes.get(size, contract.sizes.get("default", {})),
    )
