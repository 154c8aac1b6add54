"""The one module that owns Jinja2: from a package, facts and image references to manifests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

from bootstrap.errors import IdpError
from bootstrap.model import Facts, Manifests, Package, Plan

PART_OF = "app.kubernetes.io/part-of"
PACKAGE = "idp.dev/package"

# Helm and Argo CD own {{ }}, Backstage owns ${{ }}.
_ENVIRONMENT = jinja2.Environment(
    undefined=jinja2.StrictUndefined,
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    comment_start_string="[#",
    comment_end_string="#]",
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - the output is YAML, not HTML
)


def text(source: str, scope: Mapping[str, Any], origin: str = "template") -> str:
    """Fill in a template. Raises IDP-A005 with the file and line of what is undefined or malformed."""
    try:
        return _ENVIRONMENT.from_string(source).render(scope)
    except jinja2.TemplateSyntaxError as error:
        raise IdpError("IDP-A005", f"{origin}:{error.lineno}: {error.message}", fix="idp plan") from error
    except jinja2.UndefinedError as error:
        raise IdpError("IDP-A005", f"{origin}: {error.message}", fix="idp plan") from error


def scope(plan: Plan, references: Mapping[str, str], package: Package | None = None) -> dict[str, Any]:
    """What templates see. `references` maps image names to references by digest."""
    common = {
        "facts": plan.facts,
        "images": {name.replace("-", "_"): reference for name, reference in references.items()},
        "digests": {
            reference.rpartition("@sha256:")[2]: name
            for name, reference in references.items()
            if "@sha256:" in reference
        },
        "databases": plan.databases,
        "buckets": plan.buckets,
        "packages": plan.packages,
        "offers": plan.offers,
    }
    if package is None:
        return common
    return {
        **common,
        "package": package,
        "settings": package.settings,
        "size": package.size,
        "files": lambda pattern: _files(package.folder, pattern),
    }


def package(
    plan: Plan, package: Package, references: Mapping[str, str], upstream: Manifests | None = None
) -> Manifests:
    """All manifests of a package for the plan's target, labelled, one file per source file."""
    values = scope(plan, references, package)
    rendered = {f"upstream-{name}": content for name, content in (upstream or {}).items()}
    for name, source in _sources(package.folder, plan.facts).items():
        content = source.read_text()
        rendered[name] = text(content, values, str(source)) if source.suffix == ".j2" else content
    return {name: _labelled(content, package, name) for name, content in sorted(rendered.items())}


def is_deployed(plan: Plan, package: Package) -> bool:
    """Has the package anything to run on this target? What a target offers itself, no package runs."""
    return bool(package.upstream_manifests or _sources(package.folder, plan.facts))


def stack(
    plan: Plan, references: Mapping[str, str], upstream: Mapping[str, Manifests]
) -> dict[str, Manifests]:
    """Manifests of every package of the plan."""
    return {p.name: package(plan, p, references, upstream.get(p.name)) for p in plan.packages}


def first(plan: Plan, manifests: Mapping[str, Manifests]) -> dict[str, Manifests]:
    """Those of what Argo CD needs to run, and therefore cannot deploy first."""
    return {p.name: manifests[p.name] for p in plan.packages if p.bootstrap}


def definitions(manifests: Mapping[str, Manifests]) -> tuple[str, ...]:
    """Names of the custom resource definitions among the packages' manifests."""
    texts = (text for files in manifests.values() for text in files.values())
    found = (d for text in texts if "\nkind: CustomResourceDefinition" in text for d in documents({"": text}))
    return tuple(d["metadata"]["name"] for d in found if d["kind"] == "CustomResourceDefinition")


def documents(manifests: Manifests) -> Iterator[dict[str, Any]]:
    """Every Kubernetes object in the manifests."""
    for content in manifests.values():
        yield from (document for document in yaml.load_all(content, Loader=_LOADER) if document)


def _sources(folder: Path, facts: Facts) -> dict[str, Path]:
    """Output name -> source file; the file of an overlay that fits replaces the manifest of its name."""
    overlays = sorted(o for o in folder.glob("overlays/*/*") if facts.has({o.parent.name: o.name}))
    found: dict[str, Path] = {}
    for layer in (folder / "manifests", *overlays):
        for source in sorted(layer.glob("*.y*ml*")):
            found[source.name.removesuffix(".j2")] = source
    return found


def _files(folder: Path, pattern: str) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.glob(pattern)) if path.is_file()}


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _labelled(content: str, package: Package, name: str) -> str:
    try:
        parsed = [document for document in yaml.load_all(content, Loader=_LOADER) if document]
    except yaml.YAMLError as error:
        raise IdpError(
            "IDP-A006", f"{package.folder / name}: the rendered text is not YAML", str(error), "idp plan"
        ) from error
    for document in parsed:
        labels = document.setdefault("metadata", {}).setdefault("labels", {})
        labels |= {PART_OF: labels.get(PART_OF, "idp"), PACKAGE: package.name}
    return yaml.dump_all(parsed, Dumper=_DUMPER, sort_keys=False, width=1000)
