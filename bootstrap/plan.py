"""From a stack definition and a target to a plan. Pure, but for reading definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from bootstrap import definitions, paths, profiles, targets
from bootstrap.definitions import PackageDefinition, StackDefinition
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.model import (
    KMS,
    Edge,
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
from bootstrap.shapes import DNS_LABEL

DEFAULT_PORT = 8443
#: Facts that the user may tell of a cluster.
_TELLABLE = {field.name for field in fields(Facts)} - {"name", "size"}
#: Which images may run: whichever, or those of the locked bundle.
_ADMISSION = ("any", "signed")
#: What this machine must offer where the platform runs elsewhere: it makes the bundle, no more.
_ELSEWHERE = Requirements(cpus=1, memory_gib=2, disk_gib=12)


def load(
    stack: str,
    target: Target,
    size: str = "",
    https_port: int = DEFAULT_PORT,
    profile: str = "",
    domain: str = "",
    allow: Sequence[str] = (),
) -> Plan:
    """Read the definitions and resolve them for a target.

    `profile`, `domain` and `allow`, networks that may reach it from outside, are for a cloud.
    """
    definition = definitions.stack(stack, paths.stacks())
    contracts = definitions.packages(list(definition.packages), paths.packages())
    name, folder = Path(stack).stem, paths.packages()
    return resolve(name, definition, contracts, folder, target, size, https_port, profile, domain, allow)


def resolve(
    stack: str,
    definition: StackDefinition,
    contracts: dict[str, PackageDefinition],
    folder: Path,
    target: Target,
    size: str = "",
    https_port: int = DEFAULT_PORT,
    profile: str = "",
    domain: str = "",
    allow: Sequence[str] = (),
) -> Plan:
    """The packages that the target has a use for, in the order of their requirements, settings merged.

    Raises IDP-A004 (faults between definitions and target, all at once).
    """
    size = size or definition.default_size
    kind = targets.kind(target.kind)
    domain = domain or kind.facts["domain"].format(name=target.name)
    facts = _facts(target, size, https_port, domain)
    if kind.by_profile:
        facts = replace(facts, **profiles.facts(definition.cloud, profile))
    used = {name: contract for name, contract in contracts.items() if facts.has(contract.where)}
    faults = _faults(definition, contracts, target, size) + _unavailable(contracts, used)
    faults += _told(target, kind.asked)
    if kind.by_profile:
        buckets = [name for contract in used.values() for name in contract.buckets]
        faults += profiles.faults(definition.cloud, target.name, profile, domain, buckets, allow)
    if faults:
        raise IdpError(
            "IDP-A004",
            f"the stack `{stack}` cannot be planned",
            fix="correct the faults above, then run `idp plan`",
            faults=faults,
            exit_code=WRONG_USE,
        )
    packages = tuple(
        _package(name, used[name], folder / name, _chosen(definition, name), size) for name in in_order(used)
    )
    needs = definition.sizes[size]
    return Plan(
        stack=stack,
        target=target,
        facts=facts,
        packages=packages,
        requirements=Requirements(needs.cpus, needs.memory_gib, needs.disk_gib) if kind.here else _ELSEWHERE,
        cloud=profiles.resolve(definition.cloud, profile, allow)
        if kind.by_profile and definition.cloud
        else None,
        promotions=tuple(
            Edge(e.source, e.target, tuple(e.checks), e.approval) for e in definition.promotions
        ),
    )


def located(plan: Plan, facts: Mapping[str, Any]) -> Plan:
    """The plan with facts that follow from the place where the target stands."""
    return replace(plan, facts=replace(plan.facts, **facts))


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


def _told(target: Target, asked: Sequence[str]) -> list[str]:
    """What the user had to say of the target, or said of it in words that no package knows."""
    missing = [
        f"fact `{name}`: nobody but you can tell it; name it in the file that --facts reads"
        for name in asked
        if not target.facts.get(name)
    ]
    unknown = [
        f"fact `{name}`: unknown; known are {', '.join(sorted(_TELLABLE))}"
        for name in sorted(set(target.facts) - _TELLABLE)
    ]
    strange = []
    admission = target.facts.get("admission", _ADMISSION[0])
    if admission not in _ADMISSION:
        strange.append(f"fact `admission`: `{admission}` is neither `any` nor `signed`")
    signer = str(target.facts.get("signer", ""))
    if signer and not signer.startswith(KMS):
        strange.append(f"fact `signer`: `{signer}` does not name a key in KMS ({KMS}ARN)")
    return missing + unknown + strange


def _unavailable(contracts: dict[str, PackageDefinition], used: dict[str, PackageDefinition]) -> list[str]:
    """What a package needs must be there wherever the package is."""
    return [
        f"package `{name}` requires `{required}`, which this target has no use for"
        for name, contract in used.items()
        for required in contract.requires
        if required in contracts and required not in used
    ]


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


def _facts(target: Target, size: str, https_port: int, domain: str) -> Facts:
    """Facts that are known before the target exists; a target may replace some after provisioning."""
    known: dict[str, Any] = {
        key: value.format(name=target.name) if isinstance(value, str) else value
        for key, value in targets.kind(target.kind).facts.items()
    }
    known |= {"domain": domain, "https_port": known["https_port"] or https_port}
    known |= {key: value for key, value in target.facts.items() if key in _TELLABLE}
    return Facts(name=target.name, size=size, **known)


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
                entry.where,
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
