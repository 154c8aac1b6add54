"""An installed idp works outside the checkout: wheel, empty environment, another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from bootstrap import __version__

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with nothing but the wheel; its dependencies are those locked for these tests.

    They are reached by their folder, in which path files are not read: the checkout stays out of sight.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    site = next((folder / "lib").glob("python*/site-packages"))
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(python), "install"),
            *("--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)),
        ],
        check=True,
    )
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "idp"


def run(program: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it as a new user would: no bundle, no platforms, nothing of the checkout on the path."""
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment = {**inherited, "IDP_CACHE_DIR": str(folder / "cache"), "IDP_DATA_DIR": str(folder / "data")}
    return subprocess.run(
        [str(program), *arguments], cwd=folder, capture_output=True, text=True, env=environment, check=False
    )


def test_it_says_its_version(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "version", folder=tmp_path)
    assert done.stdout.startswith(f"idp {__version__}"), done.stderr


@pytest.mark.parametrize("stack", ["reference", "minimal"])
def test_it_plans_from_its_own_content(installed: Path, tmp_path: Path, stack: str) -> None:
    done = run(installed, "plan", "--stack", stack, "-o", "json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert {"gitea", "argocd", "backstage"} <= {package["name"] for package in plan["packages"]}


def test_it_runs_from_the_environment_and_not_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    python = installed.with_name("python")
    code = "import bootstrap, bootstrap.paths as p; print(bootstrap.__file__, p.content(), p.stacks())"
    said = run(python, "-c", code, folder=tmp_path).stdout.split()
    assert len(said) == 3
    assert all(str(ROOT) not in path for path in said)


def test_the_wheel_holds_what_the_checkout_holds(wheel: Path) -> None:
    """Everything that Git knows in the four folders, and nothing else: no caches, no node_modules."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    folders = ["bootstrap", "stacks", "packages", "templates"]
    listing = subprocess.run([*command, *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    expected = {
        name.replace("packages/", "bootstrap/content/packages/", 1)
        if name.startswith("packages/")
        else name.replace("templates/", "bootstrap/content/templates/", 1)
        if name.startswith("templates/")
        else name
        for name in listing.stdout.split("\0")
        if name and (ROOT / name).exists()
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected
