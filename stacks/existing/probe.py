"""Can a cluster that exists hold the platform, and what does it offer? Questions first, then judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap import kube
from bootstrap.finding import Finding, State
from bootstrap.model import Plan
from stacks import objects

#: The oldest Kubernetes that the packages were written for: validating admission policies are in 1.30.
OLDEST = (1, 30)
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_CLASS, _NAMESPACE = "storage.k8s.io/v1/StorageClass", "v1/Namespace"
_DEFINITION = "apiextensions.k8s.io/v1/CustomResourceDefinition"


@dataclass(frozen=True)
class Seen:
    """What a cluster says of itself; definitions and namespaces with the instance that they belong to."""

    identity: str
    version: tuple[int, int]
    administrator: bool
    classes: tuple[str, ...]
    default_class: str
    namespaces: Mapping[str, str]
    definitions: Mapping[str, str]


def look(cluster: kube.Cluster) -> Seen:
    """Ask the cluster; nothing is changed."""
    classes = cluster.list(_CLASS)
    chosen = [c["metadata"]["name"] for c in classes if _annotation(c, DEFAULT_CLASS) == "true"]
    return Seen(
        identity=identity(cluster),
        version=cluster.version(),
        administrator=cluster.may_do_everything(),
        classes=tuple(sorted(c["metadata"]["name"] for c in classes)),
        default_class=chosen[0] if chosen else "",
        namespaces={_name(n): _label(n, objects.INSTANCE) for n in cluster.list(_NAMESPACE)},
        definitions={_name(d): _label(d, objects.PART_OF) for d in cluster.list(_DEFINITION)},
    )


def identity(cluster: kube.Cluster) -> str:
    """What no two clusters share and a cluster keeps for life: the id of its first namespace."""
    found = cluster.get(_NAMESPACE, "kube-system") or {"metadata": {"uid": ""}}
    return str(found["metadata"]["uid"])


def facts(seen: Seen) -> dict[str, Any]:
    """What the cluster itself tells of what it offers."""
    return {"storage_class": seen.default_class} if seen.default_class else {}


def judge(seen: Seen, plan: Plan) -> tuple[Finding, ...]:
    """Why the platform cannot run there, all reasons at once. Pure."""
    found = [_version(seen), _rights(seen), _storage(seen, plan), *_namespaces(seen, plan)]
    return tuple(finding for finding in found if finding)


def foreign(seen: Seen, wanted: tuple[str, ...]) -> tuple[Finding, ...]:
    """Definitions that the platform brings, but which somebody else has put there already. Pure."""
    theirs = sorted(name for name in wanted if name in seen.definitions and seen.definitions[name] != "idp")
    if not theirs:
        return ()
    return (
        Finding(
            "IDP-E006",
            "definitions of another owner",
            State.FAIL,
            f"{len(theirs)}, which the platform would replace: {', '.join(theirs[:4])}"
            + (" …" if len(theirs) > 4 else ""),
            f"kubectl get crd {theirs[0]} -o yaml   # remove that installation, or use another cluster",
        ),
    )


def _version(seen: Seen) -> Finding | None:
    if seen.version >= OLDEST:
        return None
    shown, oldest = (".".join(map(str, v)) for v in (seen.version, OLDEST))
    return Finding(
        "IDP-E003", "Kubernetes", State.FAIL, f"{shown}; {oldest} or newer is needed", "upgrade it"
    )


def _rights(seen: Seen) -> Finding | None:
    if seen.administrator:
        return None
    return Finding(
        "IDP-E004",
        "rights",
        State.FAIL,
        "this user does not administer the whole cluster: the platform brings definitions and roles",
        "kubectl create clusterrolebinding idp --clusterrole cluster-admin --user NAME   # as who may",
    )


def _storage(seen: Seen, plan: Plan) -> Finding | None:
    wanted = plan.facts.storage_class
    if wanted and _brings_class(plan):
        return None
    if wanted in seen.classes:
        return _default(seen, wanted)
    known = ", ".join(seen.classes) or "none"
    detail = f"no class `{wanted}`; it has: {known}" if wanted else f"no default class; it has: {known}"
    return Finding(
        "IDP-E005",
        "volumes",
        State.FAIL,
        detail,
        "name one as `storage_class` in the file that --facts reads; `standard` brings one for a single node",
    )


def _default(seen: Seen, wanted: str) -> Finding | None:
    """Repositories of users name no class: their volumes are of the cluster's default."""
    if seen.default_class == wanted:
        return None
    instead = f"of `{seen.default_class}`" if seen.default_class else "of none, and wait for ever"
    return Finding(
        "IDP-E005",
        "volumes",
        State.WARN,
        f"those of services are {instead}: `{wanted}` is not the cluster's default class",
        f"kubectl annotate storageclass {wanted} {DEFAULT_CLASS}=true   # one class only has it",
    )


def _brings_class(plan: Plan) -> bool:
    """Does a package provide the class that the plan names?"""
    folders = (p.folder / "overlays" / "storage_class" / plan.facts.storage_class for p in plan.packages)
    return any(folder.is_dir() for folder in folders)


def _namespaces(seen: Seen, plan: Plan) -> list[Finding]:
    taken = [
        name
        for name in objects.namespaces(plan)
        if name in seen.namespaces and seen.namespaces[name] != plan.target.name
    ]
    if not taken:
        return []
    return [
        Finding(
            "IDP-E007",
            "namespaces",
            State.FAIL,
            f"taken by others: {', '.join(taken)}",
            f"kubectl get all --namespace {taken[0]}   # remove what is there, or use another cluster",
        )
    ]


def _name(found: kube.Object) -> str:
    return str(found["metadata"]["name"])


def _label(found: kube.Object, label: str) -> str:
    return str((found["metadata"].get("labels") or {}).get(label, ""))


def _annotation(found: kube.Object, name: str) -> str:
    return str((found["metadata"].get("annotations") or {}).get(name, ""))
