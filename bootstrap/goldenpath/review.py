"""Everything that can be said about a golden path without rendering it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

from bootstrap.goldenpath import contract, form, nunjucks
from bootstrap.goldenpath.path import EXAMPLE, GoldenPath

#: Names that would break a host name, a repository, a namespace or an entity.
BAD_NAMES = ("", "Iris", "iris_quality", "iris.quality", "1-iris", "-iris", "iris-", "iris\n", "a" * 41)


def faults(path: GoldenPath, reserved: Collection[str] = ()) -> list[str]:
    """All faults of template.yaml and example.yaml; `reserved` are names that the platform itself uses."""
    try:
        template = path.template
    except ValueError as error:
        return [str(error)]
    found = contract.faults(contract.Template, template)
    if found:
        return [f"template.yaml: {fault}" for fault in found]  # the rest takes the shape for granted
    return [f"template.yaml: {fault}" for fault in _template(path, reserved)] + list(_example(path))


def _template(path: GoldenPath, reserved: Collection[str]) -> Iterator[str]:
    if path.template["metadata"]["name"] != path.name:
        yield f"metadata.name: must be the name of its folder, {path.name}"
    for name, field in form.described(path.pages):
        yield from contract.faults(contract.FormField, field, f"field {name}")
    for page in path.pages:
        for name in sorted(set(page.get("required", [])) - path.fields.keys()):
            yield f"page {page['title']}: requires {name}, which it does not have"
    yield from _name(path, reserved)
    yield from _owner(path)
    yield from _steps(path)
    yield from _expressions(path)


def _name(path: GoldenPath, reserved: Collection[str]) -> Iterator[str]:
    field = path.fields.get("name")
    if field is None or "name" not in form.required(path.pages):
        yield "field name: there must be one, and it must be required"
    elif "pattern" not in field:
        yield "field name: needs a pattern, so that wrong names are refused before anything is made"
    else:
        for name in BAD_NAMES:
            if form.fits(field, name):
                yield f"field name: accepts {json.dumps(name)}; a name must be a DNS label of at most 40"
        for name in sorted(reserved):
            if form.fits(field, name):
                yield f"field name: accepts {name}, which is an address of the platform itself"


def _owner(path: GoldenPath) -> Iterator[str]:
    field = path.fields.get("owner")
    if field is None or "owner" not in form.required(path.pages):
        yield "field owner: there must be one, and it must be required"
    elif field.get("ui:field") not in {"OwnerPicker", "MyGroupsPicker"}:
        yield "field owner: must be chosen by an OwnerPicker (ui:field)"


def _steps(path: GoldenPath) -> Iterator[str]:
    ids = [step["id"] for step in path.steps]
    for repeated in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"step {repeated}: there are several of that id"
    if path.steps[0]["action"] != "idp:check-name":
        yield f"step {ids[0]}: the first step must be idp:check-name, before anything is made"
    actions = {step["action"] for step in path.steps}
    for needed in ("publish:gitea", "idp:register"):
        if needed not in actions:
            yield f"steps: there is none with {needed}"
    for number, step in enumerate(path.steps):
        used = set(re.findall(r"steps(?:\.(\w+)|\[['\"](\w+)['\"]\])", json.dumps(step)))
        for other in sorted({a or b for a, b in used} - set(ids[:number])):
            yield f"step {step['id']}: uses step {other}, which has not run by then"


def _expressions(path: GoldenPath) -> Iterator[str]:
    everything = json.dumps({key: path.spec.get(key) for key in ("steps", "output")})
    for name in sorted(set(re.findall(r"\bparameters\.(\w+)", everything)) - path.fields.keys()):
        yield f"uses parameters.{name}, which is not a field of the form"
    for name, content in path.files.items():
        for expression in nunjucks.expressions(content.decode(errors="replace")):
            if nunjucks.PYTHON_ONLY.search(expression):
                yield f"{name}: {expression.strip()[:60]} is Python; the portal evaluates JavaScript"


def _example(path: GoldenPath) -> Iterator[str]:
    if EXAMPLE not in path.files:
        yield f"{EXAMPLE}: is missing; it holds a value for each required field"
        return
    try:
        values = form.filled(path.pages, path.example)
    except (ValueError, TypeError) as error:
        yield f"{EXAMPLE}: is not a mapping of fields to values ({error})"
        return
    for name in form.refused(path.pages, values):
        yield f"{EXAMPLE}: the form refuses {name}: {json.dumps(values.get(name))}"
