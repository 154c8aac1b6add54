"""What `idp secrets` shows: the logins that were generated for this platform."""

from __future__ import annotations

from collections.abc import Sequence

from bootstrap import access, kube, recall
from bootstrap.model import Plan

_SHOW = "idp.dev/show"


def list_secrets(name: str) -> list[dict[str, str]]:
    """One row for each login that a package wants shown: title, username, password, url."""
    plan = recall.plan_of(name)
    with access.cluster(plan) as cluster:
        return rows(plan, cluster.list(kube.SECRET, labels={kube.INSTANCE: name}))


def rows(plan: Plan, secrets: Sequence[kube.Object]) -> list[dict[str, str]]:
    """Rows of the Secrets that carry a title, each once however many namespaces hold a copy. Pure."""
    homes = {spec.name: package for package in plan.packages for spec in package.secrets}
    found: dict[str, dict[str, str]] = {}
    for secret in secrets:
        metadata = secret["metadata"]
        title = (metadata.get("annotations") or {}).get(_SHOW)
        home = homes.get(metadata["name"])
        if not title or (home and home.namespace != metadata["namespace"]):
            continue
        values = kube.decoded(secret)
        found[metadata["name"]] = {
            "title": title,
            "username": values.get("username", ""),
            "password": values.get("password", ""),
            "url": plan.facts.url(home.endpoint.host) if home and home.endpoint else "",
        }
    return sorted(found.values(), key=lambda row: row["title"])
