"""What the portal's scaffolder makes of `${{ }}` and `{% %}`, without a portal.

The scaffolder renders with Nunjucks. For what golden paths use of it, Jinja2 means the same; methods that
only Python's strings and mappings have are named in `PYTHON_ONLY`, so that nobody relies on them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jinja2

_METHODS = "items|keys|format|strip|lower|upper|startswith|endswith|removeprefix|removesuffix"
#: Would work here and fail in the portal.
PYTHON_ONLY = re.compile(rf"\.(?:{_METHODS})\(|\bis (?:not )?none\b")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LONE = re.compile(r"\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*", re.DOTALL)


def file(text: str, values: Mapping[str, Any]) -> str:
    """A file of a skeleton. Raises ValueError where it is malformed or uses a value that it was not given."""
    try:
        return _FILES.from_string(text).render(values=values)
    except jinja2.TemplateSyntaxError as error:
        raise ValueError(f"line {error.lineno}: {error.message}") from error
    except (jinja2.TemplateError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error


def value(given: Any, context: Mapping[str, Any]) -> Any:
    """A value of template.yaml with every expression in it filled in. Raises ValueError like `file`."""
    if isinstance(given, dict):
        return {key: value(item, context) for key, item in given.items()}
    if isinstance(given, list):
        return [value(item, context) for item in given]
    if not isinstance(given, str):
        return given
    try:
        # A lone expression keeps its type, as in the scaffolder: false stays false.
        if lone := _LONE.fullmatch(given):
            return _STEPS.compile_expression(lone[1], undefined_to_none=True)(**context)
        return _STEPS.from_string(given).render(**context)
    except (jinja2.TemplateError, TypeError, AttributeError) as error:
        raise ValueError(f"{given.strip()[:60]}: {error}") from error


def expressions(text: str) -> list[str]:
    """Everything in a text that the scaffolder would evaluate."""
    return _EXPRESSION.findall(text)


def _entity_ref(text: str, defaults: Mapping[str, str] | None = None) -> dict[str, str]:
    chosen = defaults or {}
    kind, colon, rest = text.rpartition(":")
    namespace, slash, name = rest.rpartition("/")
    return {
        "kind": kind if colon else chosen.get("defaultKind", ""),
        "namespace": namespace if slash else chosen.get("defaultNamespace", "default"),
        "name": name,
    }


def _repo_url(text: str) -> dict[str, str]:
    parts = urlsplit(f"https://{text}")
    query = {key: found[0] for key, found in parse_qs(parts.query).items()}
    return {"host": parts.netloc, "owner": query.get("owner", ""), "repo": query.get("repo", "")}


def _environment(undefined: type[jinja2.Undefined]) -> jinja2.Environment:
    environment = jinja2.Environment(
        variable_start_string="${{",
        variable_end_string="}}",
        undefined=undefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is source code, not HTML
    )
    environment.filters |= {
        "dump": lambda found: json.dumps(found, ensure_ascii=False, separators=(",", ":")),
        "parseEntityRef": _entity_ref,
        "parseRepoUrl": _repo_url,
        "projectSlug": lambda url: "{owner}/{repo}".format(**_repo_url(url)),
        "pick": lambda mapping, key: mapping[key],
    }
    return environment


# A form may leave fields out, so steps must cope; a file that uses an unknown value is a mistake.
_STEPS, _FILES = _environment(jinja2.ChainableUndefined), _environment(jinja2.StrictUndefined)
