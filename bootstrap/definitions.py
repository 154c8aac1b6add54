"""Read stack definitions and package contracts; report every fault with its file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, Field, ValidationError

from bootstrap.cloudshapes import CloudEntry
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.shapes import Bucket, Label, Strict, Where


class ImageEntry(Strict):
    upstream: str
    build: str = "image"
    target: str = ""


class SecretKeyEntry(Strict):
    value: str = ""
    generate: Literal["", "password", "hex32", "base64", "ca", "certificate"] = ""


class SecretEntry(Strict):
    keys: dict[str, SecretKeyEntry]
    type: str = "Opaque"
    show: str = ""
    also: list[Label] = []
    labels: dict[str, str] = {}
    where: Where = {}


class EndpointEntry(Strict):
    host: Label
    title: str
    path: str = "/"
    service: str = ""


class UpstreamManifestsEntry(Strict):
    module: str
    version: str
    path: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    include: list[str] = []


class PackageDefinition(Strict):
    """`packages/NAME/package.yaml`; the keys are described in docs/architecture.md."""

    description: str
    version: str
    where: Where = {}
    requires: list[Label] = []
    bootstrap: bool = False
    images: dict[str, ImageEntry] = {}
    namespace: Label | None = None
    databases: list[Label] = []
    buckets: list[Bucket] = []
    secrets: dict[Label, SecretEntry] = {}
    oidc_client: bool = False
    oidc_redirects: list[str] = []
    endpoint: EndpointEntry | None = None
    upstream_manifests: list[UpstreamManifestsEntry] = []
    settings: dict[str, Any] = {}
    sizes: dict[str, dict[str, Any]] = {}


class RequirementsEntry(Strict):
    cpus: int = Field(ge=1)
    memory_gib: float = Field(gt=0)
    disk_gib: float = Field(gt=0)


class PackageChoice(Strict):
    settings: dict[str, Any] = {}


class EdgeEntry(Strict):
    """What a promotion between platforms of these names requires; names may be patterns."""

    source: str = Field(alias="from", min_length=1)
    target: str = Field(alias="to", min_length=1)
    checks: list[Literal["healthy", "tests", "signed"]] = []
    approval: str = ""


class StackDefinition(Strict):
    """`stacks/NAME.yaml`: which packages make up a platform, never where it runs."""

    description: str
    packages: dict[Label, PackageChoice | None]
    sizes: dict[str, RequirementsEntry]
    default_size: str = "default"
    cloud: CloudEntry | None = None
    promotions: list[EdgeEntry] = []


T = TypeVar("T", bound=BaseModel)


def stack(name_or_path: str, folder: Path) -> StackDefinition:
    """The definition of that name in `folder`, or in the file of that path.

    Raises IDP-A001 (unknown), IDP-A002 (faulty).
    """
    path = Path(name_or_path) if name_or_path.endswith((".yaml", ".yml")) else folder / f"{name_or_path}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.yaml")))
        raise IdpError(
            "IDP-A001",
            f"there is no stack definition `{name_or_path}`",
            f"known stacks: {known}; a path to a YAML file works too",
            "idp plan --stack reference",
            exit_code=WRONG_USE,
        )
    return _load([path], StackDefinition)[path]


def packages(names: list[str], folder: Path) -> dict[str, PackageDefinition]:
    """The contracts of the named packages; all unknown names and all faults are reported together.

    Raises IDP-A003 (unknown), IDP-A002 (faulty).
    """
    missing = [name for name in names if not (folder / name / "package.yaml").is_file()]
    if missing:
        known = ", ".join(sorted(p.parent.name for p in folder.glob("*/package.yaml")))
        raise IdpError(
            "IDP-A003",
            f"unknown package{'s' if len(missing) > 1 else ''}: {', '.join(missing)}",
            f"known packages: {known}",
            "idp plan --stack reference",
            exit_code=WRONG_USE,
        )
    files = {name: folder / name / "package.yaml" for name in names}
    loaded = _load(list(files.values()), PackageDefinition)
    return {name: loaded[path] for name, path in files.items()}


def read(path: Path, shape: type[T]) -> T:
    """Any YAML file of a known shape. Raises IDP-A001 (missing), IDP-A002 (faulty)."""
    if not path.is_file():
        raise IdpError("IDP-A001", f"there is no file {path}", fix="idp up --help", exit_code=WRONG_USE)
    return _load([path], shape)[path]


def _load(paths: list[Path], shape: type[T]) -> dict[Path, T]:
    faults: list[str] = []
    loaded: dict[Path, T] = {}
    for path in paths:
        try:
            node = yaml.compose(path.read_text(), Loader=yaml.SafeLoader)
            content = yaml.safe_load(path.read_text())
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line = mark.line + 1 if mark else 1
            faults.append(
                f"{path}:{line}: {error.problem or 'not YAML'} ({error.context or 'malformed YAML'})"
            )
            continue
        try:
            loaded[path] = shape.model_validate(content)
        except ValidationError as error:
            line_of = _line_finder(node)
            faults += [
                f"{path}:{line_of(e['loc'])}: {_dotted(e['loc'])}: {_expected(e['type'], e['msg'])}"
                for e in error.errors()
            ]
    if faults:
        raise IdpError(
            "IDP-A002",
            f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the definitions",
            fix="correct the lines above, then run `idp plan`",
            faults=faults,
            exit_code=WRONG_USE,
        )
    return loaded


def _dotted(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "(whole file)"


def _expected(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown key"
    return message.removeprefix("Value error, ")


def _line_finder(root: yaml.Node | None) -> Callable[[tuple[int | str, ...]], int]:
    """A function from a location in the document to the line where it starts, as near as it exists."""

    def line_of(location: tuple[int | str, ...]) -> int:
        node, line = root, 1
        for part in location:
            if isinstance(node, yaml.MappingNode):
                pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line + 1
            else:
                break
        return line

    return line_of
