"""One direction: `cli → commands → stages → adapters → model`. Stages never import each other."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Each layer may import those below it. Within a layer only what `SIDEWAYS` allows.
LAYERS = [
    {"__main__"},
    {"cli"},
    {
        "audit",
        "connect",
        "cost",
        "up",
        "down",
        "preview",
        "status",
        "secrets",
        "doctor",
        "goldenpath",
        "promotion",
    },
    {"admitting", "bundle", "gitops", "seed", "ready", "recall", "plan", "findings", "stacks"},
    {
        "access",
        "cloud",
        "contexts",
        "cloudshapes",
        "definitions",
        "given",
        "gitea",
        "giteaapi",
        "giteaobjects",
        "giteareviews",
        "http",
        "instance",
        "kube",
        "machine",
        "mlflow",
        "portal",
        "profiles",
        "render",
        "shapes",
        "signin",
        "targets",
    },
    {"kinds", "shell", "watch", "why", "tree", "parallel", "probing"},
    {
        "console",
        "progress",
        "model",
        "expectation",
        "errors",
        "files",
        "finding",
        "imagetags",
        "p256",
        "paths",
        "sizing",
    },
]
#: `up` composes and begins with the examination, `promote` brings a platform up to another's state;
#: adapters and basics may build on each other.
SIDEWAYS = {
    ("up", "doctor"),
    ("up", "status"),
    ("recall", "plan"),
    ("admitting", "bundle"),
    ("goldenpath", "preview"),
    ("promotion", "preview"),
    ("promotion", "up"),
}
FREE_LAYERS = LAYERS[4:]


def unit_of(module: str) -> str:
    """`bootstrap.bundle.layout` -> `bundle`; `stacks.kind.engine` -> `stacks`."""
    parts = module.split(".")
    if parts[0] == "stacks":
        return "stacks"
    return parts[1] if len(parts) > 1 else "__init__"


def level(unit: str) -> int:
    return next((i for i, layer in enumerate(LAYERS) if unit in layer), -1)


def modules() -> Iterator[tuple[str, Path]]:
    for folder in ("bootstrap", "stacks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            relative = path.relative_to(ROOT).with_suffix("")
            if not {"images", "node", "content", "node_modules", "starter"} & set(relative.parts):
                yield ".".join(relative.parts).removesuffix(".__init__"), path


def imported(path: Path) -> Iterator[str]:
    """Our own modules that a file names in import statements, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            whole = node.module in ("bootstrap", "stacks")
            names = [f"{node.module}.{a.name}" for a in node.names] if whole else [node.module]
        yield from (name for name in names if name.split(".")[0] in ("bootstrap", "stacks"))


MODULES = dict(modules())


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_point_downwards(module: str) -> None:
    unit = unit_of(module)
    assert unit == "__init__" or level(unit) >= 0, f"{module} has no layer: add it to LAYERS"
    for name in imported(MODULES[module]):
        other = unit_of(name)
        if other == unit or other.startswith("__") or unit == "__init__":
            continue
        here, there = level(unit), level(other)
        sideways = here == there and ((unit, other) in SIDEWAYS or LAYERS[here] in FREE_LAYERS)
        assert here < there or sideways, f"{module} ({unit}) must not import {name} ({other})"


def test_only_the_shell_runs_programs() -> None:
    # `shell` runs programs to their end; a build has to be followed line by line while it runs.
    allowed = {"bootstrap.shell", "bootstrap.bundle.process"}
    users = {
        module
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Import) and any(a.name == "subprocess" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "subprocess")
    }
    assert users <= allowed


def test_only_render_knows_jinja() -> None:
    users = {m for m, path in MODULES.items() if "import jinja2" in path.read_text()}
    # One owns our own templates, one stands in for the portal's.
    assert users <= {"bootstrap.render", "bootstrap.goldenpath.nunjucks"}


def test_help_loads_nothing_heavy() -> None:
    heavy = ["pulumi", "lightkube", "httpx", "docker", "rich", "yaml", "jinja2", "pydantic", "grpc"]
    code = f"import sys; import bootstrap.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_modules_are_small(module: str) -> None:
    assert len(MODULES[module].read_text().splitlines()) <= 300, f"what second idea does {module} hold?"
