"""A golden path as the portal gets it, and the repository that comes of it. Pure, but for writing files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from bootstrap.goldenpath import form, nunjucks

EXAMPLE = "example.yaml"
#: Who fills in the form, as far as templates ask.
_USER = {"entity": {"spec": {"profile": {"displayName": "A Person", "email": "a.person@example.org"}}}}
#: Annotation of a template: the image in which the repository's tests run.
TEST_IMAGE = "idp.dev/test-image"


@dataclass(frozen=True)
class GoldenPath:
    """One folder of the templates repository, as it is after seeding.

    `needs` are the platform's images that it names; `absent` those that the stack does not have.
    """

    name: str
    files: Mapping[str, bytes]
    needs: frozenset[str] = frozenset()
    absent: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def template(self) -> dict[str, Any]:
        """Raises ValueError where template.yaml is missing or is not a mapping in YAML."""
        try:
            found = yaml.safe_load(self.files["template.yaml"])
        except KeyError:
            raise ValueError("template.yaml is missing") from None
        except yaml.YAMLError as error:
            raise ValueError(f"template.yaml is not YAML: {error}") from error
        if not isinstance(found, dict):
            raise ValueError("template.yaml is not a mapping")
        return found

    @cached_property
    def example(self) -> dict[str, Any]:
        """The values of `example.yaml`; none where there is no such file."""
        return dict(yaml.safe_load(self.files.get(EXAMPLE, b"")) or {})

    @property
    def spec(self) -> dict[str, Any]:
        return dict(self.template.get("spec") or {})

    @property
    def pages(self) -> list[dict[str, Any]]:
        found = self.spec.get("parameters") or []
        return list(found) if isinstance(found, list) else [found]

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        return form.fields(self.pages)

    @property
    def steps(self) -> list[dict[str, Any]]:
        return list(self.spec.get("steps") or [])

    @property
    def test_image(self) -> str:
        annotations = self.template.get("metadata", {}).get("annotations") or {}
        return str(annotations.get(TEST_IMAGE, "ml-runtime"))

    def faults(self, parameters: Mapping[str, Any]) -> list[str]:
        """The fields that the form refuses."""
        return form.refused(self.pages, parameters)

    def inputs(self, parameters: Mapping[str, Any], action: str) -> Iterator[dict[str, Any]]:
        """What each run of an action would be given; steps whose `if` is false do not run."""
        for step in self.steps:
            if step.get("action") == action:
                yield from self._given(step, parameters)

    def scaffold(self, parameters: Mapping[str, Any], folder: Path) -> Path:
        """Run the steps that write files; `folder` is then what would become the repository.

        Raises ValueError that names the file or the step at fault.
        """
        for step in self.steps:
            if step.get("action") in {"fetch:template", "fetch:plain"}:
                for given in self._given(step, parameters):
                    self._fetch(given, folder, templated=step["action"] == "fetch:template")
        return folder

    def _given(self, step: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        context = {"parameters": parameters, "user": _USER, "steps": {}}
        try:
            if "if" in step and not nunjucks.value(step["if"], context):
                return
            repeated = nunjucks.value(step["each"], context) if "each" in step else [None]
            for item in repeated or []:
                yield dict(nunjucks.value(step.get("input") or {}, {**context, "each": {"value": item}}))
        except ValueError as error:
            raise ValueError(f"step {step.get('id')}: {error}") from error

    def _fetch(self, given: Mapping[str, Any], folder: Path, templated: bool) -> None:
        source = str(PurePosixPath(given["url"]))
        found = [path for path in self.files if path.startswith(f"{source}/")]
        if not found:
            raise ValueError(f"there is nothing in {given['url']}")
        raw = [*(given.get("copyWithoutTemplating") or []), *(given.get("copyWithoutRender") or [])]
        values = given.get("values") or {}
        for path in found:
            name = path.removeprefix(f"{source}/")
            plain = not templated or any(PurePosixPath(name).match(pattern) for pattern in raw)
            try:
                target = (
                    folder / given.get("targetPath", ".") / (name if plain else nunjucks.file(name, values))
                )
                content = self.files[path] if plain else _rendered(self.files[path], values)
            except ValueError as error:
                raise ValueError(f"{path}: {error}") from error
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def _rendered(content: bytes, values: Mapping[str, Any]) -> bytes:
    """Text is filled in; pictures and the like are copied, as the scaffolder does."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    return nunjucks.file(text, values).encode()
