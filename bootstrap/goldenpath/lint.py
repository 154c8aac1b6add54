"""What came of a golden path, looked at file by file: does it parse, is it complete, is it allowed to run?"""

from __future__ import annotations

import ast
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bootstrap import shell
from bootstrap.goldenpath import delivery, entities
from bootstrap.model import Facts

_LEFT_OVER = re.compile(r"\$\{\{|\{%|\[\[ (?:facts|images|settings)\b")
_LINK = re.compile(r"\]\((?!\w+:|#|/)([^)#\s]+)(?:#[^)]*)?\)")
#: Kinds without a namespace that the project `deployments` lets through.
_NAMESPACED_ONLY = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PersistentVolume"}
#: A value in a condition of Argo Workflows; without quotes `12ab` is no text but a syntax error.
_BARE = re.compile(r"(?<!['\"]){{")
_RUFF = ["check", "--no-cache", "--quiet", "--output-format", "concise"]
#: For a repository without rules of its own: what is wrong, and nothing that is taste.
_MISTAKES = ["--isolated", "--select", "E4,E7,E9,F"]


@dataclass
class Findings:
    """Faults, and what could not be looked at here, with the reason."""

    faults: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def repository(
    folder: Path,
    parameters: Mapping[str, Any],
    known: frozenset[str],
    deployed: Sequence[Mapping[str, Any]],
    facts: Facts,
) -> Findings:
    """Look at a repository that was scaffolded on a platform with these facts.

    `known` are the entities that a platform ships, `deployed` the inputs of the steps `idp:deploy`.
    """
    found = Findings()
    found.faults += _files(folder)
    found.faults += _facts(folder, facts)
    found.faults += _catalog(folder, parameters, known)
    found.faults += _documentation(folder)
    for given in deployed:
        _deployment(folder, given, found)
    _ruff(folder, found)
    return found


def _files(folder: Path) -> Iterator[str]:
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        if left := _LEFT_OVER.search(text):
            yield f"{name}: `{left.group()}` was not filled in"
        try:
            _PARSERS.get(file.suffix, str)(text)
        except (yaml.YAMLError, ValueError, SyntaxError) as error:
            yield f"{name}: cannot be parsed: {' '.join(str(error).split())}"
    for needed in ("README.md", "catalog-info.yaml", "mkdocs.yml"):
        if not (folder / needed).is_file():
            yield f"{needed}: is missing"
    if not list((folder / "tests").glob("test_*.py")):
        yield "tests/: there are no tests"


def _facts(folder: Path, facts: Facts) -> Iterator[str]:
    """Repositories move between platforms as they are, so they know none."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = file.read_bytes().decode(errors="replace")
        for fact in (facts.domain, f"{facts.registry}/"):
            if fact in text:
                yield (
                    f"{file.relative_to(folder).as_posix()}: names `{fact}` of this platform; "
                    "give it to idp:deploy, or write idp://HOST in catalog-info.yaml"
                )


_PARSERS: Mapping[str, Callable[[str], object]] = {
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".yml": lambda text: list(yaml.load_all(text, Loader=_MkDocs)),
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".py": ast.parse,
}


class _MkDocs(yaml.SafeLoader):
    """mkdocs.yml may name Python objects, which nobody here needs to load."""


_MkDocs.add_multi_constructor("!", lambda loader, suffix, node: None)
_MkDocs.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: None)


def _catalog(folder: Path, parameters: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    file = folder / "catalog-info.yaml"
    try:
        found = [e for e in yaml.safe_load_all(file.read_text()) if e] if file.is_file() else []
    except yaml.YAMLError:
        return  # said already
    if not file.is_file():
        return  # said already
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    around = entities.Surroundings(
        str(parameters.get("owner", "")), known, tuple(_texts(parameters)), frozenset(names)
    )
    for fault in entities.faults(found, around):
        yield f"catalog-info.yaml: {fault}"


def _documentation(folder: Path) -> Iterator[str]:
    file = folder / "mkdocs.yml"
    if not file.is_file():
        return
    try:
        site = yaml.load(file.read_text(), Loader=_MkDocs) or {}  # noqa: S506 - it is a SafeLoader
    except yaml.YAMLError:
        return  # said already
    docs = folder / site.get("docs_dir", "docs")
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    listed = set(_pages(site.get("nav") or []))
    if "techdocs-core" not in (site.get("plugins") or []):
        yield "mkdocs.yml: the plugin techdocs-core is missing"
    yield from (f"mkdocs.yml: nav names {page}, which does not exist" for page in sorted(listed - pages))
    yield from (f"mkdocs.yml: nav leaves out {page}" for page in sorted(pages - listed))
    for page in sorted(pages):
        for target in _LINK.findall((docs / page).read_text()):
            if not ((docs / page).parent / target).exists():
                yield f"docs/{page}: the link to {target} leads nowhere"


def _deployment(folder: Path, given: Mapping[str, Any], found: Findings) -> None:
    """Build what Argo CD would apply, and look whether its project allows that."""
    path = str(given.get("path") or "deploy")
    if not (folder / path).is_dir():
        found.faults.append(f"{path}/: idp:deploy names it, and it does not exist")
        return
    if not kubectl():
        found.skipped.append("kustomization: kubectl is not installed; `idp bundle build` provides it")
        return
    built = delivery.build(folder, path, given)
    if built.code:
        found.faults.append(f"{path}/: {shell.tail(built.err, 3)}")
        return
    namespace = str(given.get("namespace") or str(given.get("repository")).replace("/", "-"))
    objects = [o for o in yaml.safe_load_all(built.out) if o]
    found.faults += [f"{path}/: {fault}" for o in objects for fault in _object(o, namespace)]


def kubectl() -> bool:
    """Is it among the tools, or on PATH?"""
    return shutil.which("kubectl", path=shell.environment()["PATH"]) is not None


def _object(found: Mapping[str, Any], namespace: str) -> Iterator[str]:
    name = f"{found['kind']} {found['metadata'].get('name', '')}"
    if found["kind"] in _NAMESPACED_ONLY:
        yield f"{name}: the project `deployments` allows nothing outside the namespace"
    elif found["kind"] != "Namespace" and found["metadata"].get("namespace") != namespace:
        yield f"{name}: is not in the namespace {namespace}"
    for pod in _pods(found):
        for container in [*(pod.get("initContainers") or []), *pod["containers"]]:
            if "@sha256:" not in container.get("image", ""):
                yield f"{name}: the image {container.get('image')} is not named by digest"
            if not (container.get("resources") or {}).get("limits"):
                yield f"{name}: the container {container['name']} has no limits"
        nonroot = (pod.get("securityContext") or {}).get("runAsNonRoot")
        if not nonroot:
            yield f"{name}: may run as root (securityContext.runAsNonRoot)"
    for image in _step_images(found):
        if "@sha256:" not in image:
            yield f"{name}: the image {image} is not named by digest"
    for mapping in _mappings(found):
        if _BARE.search(str(mapping.get("when", ""))):
            yield f"{name}: quote what is filled in: when: {mapping['when']}   # '{{{{…}}}}' == 'text'"


def _pods(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every pod in an object: Deployments, Jobs, CronJobs."""
    return (mapping for mapping in _mappings(value) if isinstance(mapping.get("containers"), list))


def _step_images(found: Mapping[str, Any]) -> Iterator[str]:
    """The images that the steps of a workflow run, with its parameters filled in."""
    spec = found["spec"] if found["kind"] == "WorkflowTemplate" else {}
    given = (spec.get("arguments") or {}).get("parameters") or []
    values = {f"{{{{workflow.parameters.{p['name']}}}}}": str(p.get("value", "")) for p in given}
    for step in spec.get("templates") or []:
        if image := (step.get("container") or {}).get("image"):
            yield values.get(image, image)


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping in an object, however deep."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for nested in value.values() if isinstance(value, dict) else value:
            yield from _mappings(nested)


def _ruff(folder: Path, found: Findings) -> None:
    if not list(folder.rglob("*.py")):
        return
    beside = Path(sys.executable).with_name("ruff")
    ruff = str(beside) if beside.is_file() else shutil.which("ruff")
    if not ruff:
        found.skipped.append("ruff: is not installed")
        return
    rules = folder / "pyproject.toml"
    own = rules.is_file() and "[tool.ruff" in rules.read_text()
    done = shell.run([ruff, *_RUFF, *([] if own else _MISTAKES), "."], check=False, timeout=60, cwd=folder)
    if done.code:
        found.faults += [f"ruff: {line}" for line in (done.out or done.err).strip().splitlines()]


def _pages(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, list | dict):
        for item in nav.values() if isinstance(nav, dict) else nav:
            yield from _pages(item)


def _texts(value: Any) -> list[str]:
    """All texts in the values of a form."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []
