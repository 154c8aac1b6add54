"""What a template.yaml must look like to be a golden path of this platform. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

#: What the portal offers, and the inputs that each step takes. None: anything.
ACTIONS: dict[str, set[str] | None] = {
    "fetch:template": {
        *("url", "targetPath", "values", "replace"),
        *("copyWithoutTemplating", "copyWithoutRender", "templateFileExtension"),
    },
    "fetch:plain": {"url", "targetPath"},
    "fs:delete": {"files"},
    "fs:rename": {"files"},
    "catalog:fetch": None,
    "debug:log": None,
    "debug:wait": None,
    "publish:gitea": {
        *("repoUrl", "description", "defaultBranch", "repoVisibility", "sourcePath"),
        *("gitCommitMessage", "gitAuthorName", "gitAuthorEmail"),
    },
    "idp:check-name": {"name", "owner", "entityRefs"},
    "idp:deploy": {
        *("name", "repository", "path", "branch", "namespace", "owner"),
        *("images", "host", "manifest"),
    },
    "idp:register": {"entityRef", "repository", "timeoutSeconds"},
}

Words = Annotated[str, Field(min_length=3)]
Ref = Annotated[str, Field(pattern=r"^(group|user):[a-z0-9-]+/[a-z0-9-]+$")]


class FormField(BaseModel):
    """A field explains itself: by a title, and by a description, a help text or named choices."""

    model_config = ConfigDict(extra="allow")
    title: Words
    type: Literal["string", "boolean", "integer", "number", "array", "object"]
    description: str = ""
    help: str = Field("", alias="ui:help")
    enum: list[Any] | None = None
    choices: list[str] = Field([], alias="enumNames")
    default: Any = None

    @model_validator(mode="after")
    def _explains_itself(self) -> FormField:
        if not (self.description or self.help or self.choices):
            raise ValueError("needs a description, ui:help or enumNames")
        if self.enum is not None and self.choices and len(self.choices) != len(self.enum):
            raise ValueError(f"has {len(self.enum)} choices in enum, but {len(self.choices)} in enumNames")
        if self.enum is not None and self.default is not None and self.default not in self.enum:
            raise ValueError(f"its default {self.default!r} is not in its enum")
        return self


class Page(BaseModel):
    model_config = ConfigDict(extra="allow")
    title: Words
    required: list[str] = []
    properties: dict[str, Any] = Field(min_length=1)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Step(Strict):
    id: str = Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_]*$")
    name: Words
    action: str
    input: dict[str, Any] = {}
    condition: str | bool = Field(True, alias="if")
    each: Any = None

    @model_validator(mode="after")
    def _is_known(self) -> Step:
        if self.action not in ACTIONS:
            raise ValueError(f"unknown action {self.action}; the portal has: {', '.join(ACTIONS)}")
        taken = ACTIONS[self.action]
        unknown = sorted(self.input.keys() - taken) if taken is not None else []
        if unknown:
            raise ValueError(f"{self.action} takes no input {', '.join(unknown)}")
        return self


class Link(Strict):
    title: Words
    url: str = ""
    entity: str = Field("", alias="entityRef")
    icon: str = ""
    condition: str | bool = Field(True, alias="if")

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Link:
        if not self.url and not self.entity:
            raise ValueError("needs a url or an entityRef")
        return self


class Output(BaseModel):
    model_config = ConfigDict(extra="allow")
    links: list[Link] = Field(min_length=1)


class Metadata(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str = Field(pattern="^[a-z]([-a-z0-9]*[a-z0-9])?$", max_length=40)
    title: Words
    description: Annotated[str, Field(min_length=10)]
    tags: list[Annotated[str, Field(pattern="^[a-z0-9+#]+(-[a-z0-9+#]+)*$")]] = Field(min_length=1)


class Spec(BaseModel):
    model_config = ConfigDict(extra="allow")
    owner: Ref
    type: Words
    parameters: list[Page] = Field(min_length=1)
    steps: list[Step] = Field(min_length=1)
    output: Output


class Template(BaseModel):
    model_config = ConfigDict(extra="allow")
    version: Literal["scaffolder.backstage.io/v1beta3"] = Field(alias="apiVersion")
    kind: Literal["Template"]
    metadata: Metadata
    spec: Spec


T = TypeVar("T", bound=BaseModel)


def faults(shape: type[T], content: Any, where: str = "") -> list[str]:
    """Every way in which the content is not of that shape, each with the place where it is not."""
    try:
        shape.model_validate(content)
    except ValidationError as error:
        return [_fault(where, e["loc"], e["msg"]) for e in error.errors()]
    return []


def _fault(where: str, location: tuple[int | str, ...], message: str) -> str:
    place = ".".join([*([where] if where else []), *(str(part) for part in location)])
    return f"{place or '(whole file)'}: {message.removeprefix('Value error, ')}"
