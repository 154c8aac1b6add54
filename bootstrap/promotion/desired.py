"""What another platform's contents shall be after a promotion. Pure, but for reading definitions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from bootstrap import bundle, gitops, preview, render, tree
from bootstrap.bundle.lock import Lock
from bootstrap.model import Facts, Plan
from bootstrap.promotion.contents import Contents, contents, decoded
from bootstrap.seed import content

#: Repository -> path -> content of what idp renders for a plan.
Rendered = Mapping[str, Mapping[str, bytes]]


def rendered(plan: Plan, lock: Lock, elsewhere: Mapping[str, str], bundle_id: str) -> Rendered:
    """What `idp up` would commit for the plan.

    `elsewhere` are digests of images that the lock lacks, since the target it was made for has no use for
    them. `bundle_id` is what the platform records of its bundle: locks of one stack differ between kinds of
    targets while the images that both run are the same, so it is taken as it stands.
    """
    references = {
        **preview.unbuilt(plan),
        **{name: f"{plan.facts.registry}/{name}@{digest}" for name, digest in elsewhere.items()},
        **lock.references(plan.facts.registry),
    }
    manifests = render.stack(plan, references, bundle.upstream_manifests(plan))
    return {
        "platform": gitops.platform_files(plan, manifests, bundle_id),
        "catalog": content.catalog(plan, references),
        "templates": content.templates(plan, references),
    }


def lacking(plan: Plan, lock: Lock) -> dict[str, str]:
    """Image -> package of the images of a plan that a lock does not hold."""
    held = {image.name for image in lock.images}
    return {image.name: p.name for p in plan.packages for image in p.images if image.name not in held}


def wanted(source: Contents, old: Facts, new: Facts, files: Rendered) -> Contents:
    """`files`, rendered for the other platform, and all that the source has and idp did not render."""
    whole: dict[str, dict[str, str]] = {
        name: {path: decoded(text) for path, text in there.items()} for name, there in files.items()
    }
    for where, text in source.extra.items():
        name, _, path = where.partition("/")
        whole[name].setdefault(path, text)
    whole["deployments"] = {path: moved(text, old, new) for path, text in source.deployments.items()}
    written = {name: frozenset(files.get(name, {})) for name in whole}
    return contents(whole, written, source.repositories)


def moved(text: str, old: Facts, new: Facts) -> str:
    """A text with the addresses and the registry of another platform, and nothing else changed."""
    domain, label = re.escape(old.domain), r"([A-Za-z0-9-]+)"
    port = re.escape(_port(old))
    for pattern, with_ in (
        (rf"https://{label}\.{domain}{port}(?![\w.:-])", rf"https://\g<1>.{new.domain}{_port(new)}"),
        (rf"\b{label}\.{domain}(?![\w.-])", rf"\g<1>.{new.domain}"),
        (rf"(?<![\w./-]){re.escape(old.registry)}/", f"{new.registry}/"),
    ):
        text = re.sub(pattern, with_, text)
    return text


def recorded(platform_yaml: bytes) -> dict[str, Any]:
    """What a platform says it was rendered from; nothing where it says nothing."""
    try:
        found = yaml.safe_load(platform_yaml)
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def unlike(files: Rendered, listed: Mapping[str, Mapping[str, str]], ours: Mapping[str, bytes]) -> list[str]:
    """`REPOSITORY/PATH` of every file that is not as rendered; `ours` are records of what idp wrote."""
    return [
        f"{name}/{change.path}"
        for name, there in files.items()
        for change in tree.changes(tree.recorded(there), listed[name], tree.written(ours.get(name, b"")))
    ]


def _port(facts: Facts) -> str:
    return "" if facts.https_port == 443 else f":{facts.https_port}"
