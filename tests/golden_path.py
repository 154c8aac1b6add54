"""Golden paths as the portal's scaffolder renders them, without a portal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import yaml

from bootstrap.model import Endpoint, Facts, Package, Plan, Requirements, Target
from bootstrap.seed import content

PLAN = Plan(
    stack="reference",
    target=Target("local", "demo"),
    facts=Facts("demo", "demo.localhost", 8443, "traefik", "standard", "idp.local", "db.svc", "default"),
    packages=tuple(
        Package(name, Path("/nowhere"), name, "", "1", endpoint=Endpoint(name, name))
        for name in ("argocd", "backstage", "gitea")
    ),
    requirements=Requirements(1, 1, 1),
)
REFERENCES = {"ml-runtime": "idp.local/ml-runtime@sha256:" + "0" * 64}

#: What the portal brings with it, and what `packages/backstage` adds.
ACTIONS = {"fetch:template", "publish:gitea", "idp:check-name", "idp:deploy", "idp:register"}


def _nunjucks(undefined: type[jinja2.Undefined]) -> jinja2.Environment:
    """Nunjucks as the scaffolder sets it up; for what golden paths use of it, Jinja2 means the same."""
    environment = jinja2.Environment(
        variable_start_string="${{",
        variable_end_string="}}",
        undefined=undefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is source code, not HTML
    )
    environment.filters["dump"] = json.dumps
    return environment


# A form may leave fields out, so steps must cope; a file that uses an unknown value is a mistake.
_STEPS, _FILES = _nunjucks(jinja2.ChainableUndefined), _nunjucks(jinja2.StrictUndefined)


@dataclass(frozen=True)
class GoldenPath:
    """One folder of the templates repository, as it is after seeding."""

    name: str
    files: Mapping[str, bytes]

    @property
    def template(self) -> dict[str, Any]:
        return dict(yaml.safe_load(self.files["template.yaml"]))

    @property
    def pages(self) -> list[dict[str, Any]]:
        return list(self.template["spec"]["parameters"])

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        return {name: field for page in self.pages for name, field in page["properties"].items()}

    @property
    def steps(self) -> list[dict[str, Any]]:
        return list(self.template["spec"]["steps"])

    def faults(self, parameters: Mapping[str, Any]) -> list[str]:
        """The fields that the form refuses."""
        required = {name for page in self.pages for name in page.get("required", [])}
        missing = sorted(required - parameters.keys())
        return missing + [name for name, value in parameters.items() if not _fits(self.fields[name], value)]

    def scaffold(self, parameters: Mapping[str, Any], folder: Path) -> Path:
        """Run the steps that write files; `folder` is then what would become the repository."""
        context = {"parameters": parameters}
        for step in self.steps:
            if step["action"] == "fetch:template":
                given = _filled(step["input"], context)
                self._fetch(given["url"].removeprefix("./"), given["values"], folder)
        return folder

    def _fetch(self, source: str, values: Mapping[str, Any], folder: Path) -> None:
        found = [path for path in self.files if path.startswith(f"{source}/")]
        assert found, f"{self.name}: there is nothing in {source}"
        for path in found:
            target = folder / path.removeprefix(f"{source}/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_FILES.from_string(self.files[path].decode()).render(values=values))


def golden_paths() -> list[GoldenPath]:
    """All that a platform would offer."""
    tree = content.templates(PLAN, REFERENCES)
    names = sorted({path.partition("/")[0] for path in tree if path.endswith("/template.yaml")})
    return [
        GoldenPath(
            name, {p.removeprefix(f"{name}/"): text for p, text in tree.items() if p.startswith(f"{name}/")}
        )
        for name in names
    ]


def expressions(value: Any) -> str:
    """All text in which the scaffolder would look for expressions."""
    return json.dumps(value)


def _fits(field: Mapping[str, Any], value: Any) -> bool:
    if "enum" in field:
        return value in field["enum"]
    # A form leaves the end of a pattern to its `$`, which in Python would also match before a newline.
    pattern = re.compile(field.get("pattern", "").replace("$", r"\Z"))
    longest = field.get("maxLength", len(value))
    return field.get("minLength", 0) <= len(value) <= longest and bool(pattern.search(value))


def _filled(value: Any, context: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, context) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, context) for item in value]
    if not isinstance(value, str):
        return value
    # A lone expression keeps its type, as in the scaffolder: false stays false.
    if lone := re.fullmatch(r"\$\{\{((?:(?!\}\}).)*)\}\}", value):
        return _STEPS.compile_expression(lone[1], undefined_to_none=True)(**context)
    return _STEPS.from_string(value).render(**context)
