"""What no file of the repository may hold: addresses of package registries, paths of one machine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
import yaml

from bootstrap import __version__

ROOT = Path(__file__).parents[2]

#: Written apart, so that this file is clean too. Where packages come from is the host's configuration.
HOSTS = [
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("yarnpkg", "com"),
    ("proxy.golang", "org"),
    ("sum.golang", "org"),
    ("deb.debian", "org"),
    ("security.debian", "org"),
    ("crates", "io"),
    ("maven", "org"),
]
MACHINE = [("/work", "/main"), ("/work", "/shared"), ("/root", "/.pyenv"), ("/tmp", "/bash_jobs")]
FORBIDDEN = re.compile(
    "|".join([*(re.escape(f"{name}.{top}") for name, top in HOSTS), *(re.escape(a + b) for a, b in MACHINE)])
)


def ours() -> Iterator[Path]:
    """Files that are in Git or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for name in listing.split("\0"):
        if name and (ROOT / name).is_file():
            yield ROOT / name


def text_of(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{number}: {found.group()}"
        for path in ours()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if (found := FORBIDDEN.search(line))
    ]
    assert not faults, "\n".join(faults)


def test_no_file_is_large() -> None:
    """Generated locks aside, what is large belongs into a cache."""
    large = [
        f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes"
        for path in ours()
        if path.stat().st_size > 500_000 and path.name not in ("yarn.lock", "go.sum")
    ]
    assert not large, "\n".join(large)


def test_no_default_password() -> None:
    """Literal values of Secrets are names of users; everything else is generated per instance."""
    contracts = (ROOT / "packages").glob("*/package.yaml")
    literal = {
        (path.parent.name, key)
        for path in contracts
        for secret in (yaml.safe_load(path.read_text()).get("secrets") or {}).values()
        for key, spec in secret["keys"].items()
        if spec.get("value") and re.search("pass|token|key|secret", key, re.I)
    }
    assert not literal


def test_the_lock_covers_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {re.split(r"[^A-Za-z0-9-]", entry)[0].lower() for entry in declared} - {project["name"]}
    locked = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.M)
    assert names <= set(locked)


def test_every_locked_package_has_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=[a-z0-9])", lock)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)


def test_the_changelog_knows_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=lambda page: page.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert not broken


def test_the_commands_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    readme = (ROOT / "README.md").read_text()
    for target in set(re.findall(r"^make ([a-z]+)", readme, re.M)):
        assert re.search(rf"^{target}:", makefile, re.M), target
