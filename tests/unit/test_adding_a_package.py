"""docs/packages.md followed word for word, in a copy of the repository and without a cluster."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bootstrap import definitions, plan, render
from bootstrap.bundle import dockerfile
from bootstrap.model import Plan, Target
from bootstrap.seed import content

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "packages.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
FILE = re.compile(r"^(?:# (\S+/\S+)|<!-- (\S+) -->)\n")
IMAGE = "idp.local/hello@sha256:0"


def files() -> dict[str, str]:
    """What the page has its reader write, by the file that each block names in its first line."""
    found = [
        (FILE.match(text), text) for language, text in BLOCK.findall(PAGE.read_text()) if language != "sh"
    ]
    return {named[1] or named[2]: text[named.end() :] for named, text in found if named}


def commands() -> list[list[str]]:
    """What the page has its reader run, line by line."""
    blocks = [text for language, text in BLOCK.findall(PAGE.read_text()) if language == "sh"]
    return [shlex.split(line) for text in blocks for line in text.splitlines()]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which somebody wrote the page's files."""
    copy = tmp_path_factory.mktemp("repository")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    for name, text in files().items():
        assert not (copy / name).exists(), f"{name} is there already"
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text)
    return copy


def run(followed: Path, command: list[str]) -> str:
    """A command of the page, in the copy and with nothing of this user."""
    own = {"IDP_DATA_DIR": str(followed / ".data"), "IDP_CACHE_DIR": str(followed / ".cache")}
    assert command[0] == "idp"
    line = [sys.executable, "-m", "bootstrap", *command[1:]]
    environment = {**os.environ, **own, "PYTHONPATH": str(followed)}
    done = subprocess.run(line, cwd=followed, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_is_complete() -> None:
    assert list(files()) == [
        "packages/hello/package.yaml",
        "packages/hello/image/Dockerfile",
        "packages/hello/manifests/hello.yaml.j2",
        "packages/hello/catalog-info.yaml.j2",
        "packages/hello/mkdocs.yml",
        "packages/hello/docs/index.md",
        "stacks/mine.yaml",
    ]
    assert [command[:2] for command in commands()] == [["idp", "plan"], ["idp", "plan"], ["idp", "up"]]


def test_its_commands_show_the_package(followed: Path) -> None:
    """`idp up` is only asked whether it would know these options: it needs a cluster."""
    look, rendered, apply = commands()
    assert "https://hello.idp.localhost:8443" in run(followed, look)
    objects = [found for found in yaml.safe_load_all(run(followed, rendered)) if found]
    ours = {found["kind"] for found in objects if found["metadata"]["name"] == "hello"}
    assert ours >= {"ConfigMap", "Deployment", "Service", "HTTPRoute"}
    run(followed, [*apply, "--help"])


@pytest.fixture(scope="module")
def planned(followed: Path) -> Plan:
    stack = definitions.stack(str(followed / "stacks/mine.yaml"), followed)
    contracts = definitions.packages(list(stack.packages), followed / "packages")
    return plan.resolve("mine", stack, contracts, followed / "packages", Target("local", "idp"))


def test_its_manifests_hold_what_the_stack_says(planned: Plan) -> None:
    rendered = render.package(planned, planned.package("hello"), {"hello": IMAGE})
    objects = {o["kind"]: o for text in rendered.values() for o in yaml.safe_load_all(text)}
    assert set(objects) == {"ConfigMap", "Deployment", "Service", "HTTPRoute"}
    assert objects["ConfigMap"]["data"] == {"index.html": "Hello from us"}
    container = objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == IMAGE
    assert container["resources"] == {"limits": {"memory": "32Mi"}}
    assert objects["HTTPRoute"]["spec"]["hostnames"] == ["hello.idp.localhost"]


def test_the_portal_gets_its_entry_and_its_pages(planned: Plan) -> None:
    catalogue = content.catalog(planned, {"hello": IMAGE})
    assert {"packages/hello/mkdocs.yml", "packages/hello/docs/index.md"} <= catalogue.keys()
    (entry,) = yaml.safe_load_all(catalogue["packages/hello/catalog-info.yaml"])
    assert entry["metadata"]["links"][0]["url"] == "https://hello.idp.localhost:8443"
    rendered = render.package(planned, planned.package("hello"), {"hello": IMAGE})
    (deployment,) = (
        o for text in rendered.values() for o in yaml.safe_load_all(text) if o["kind"] == "Deployment"
    )
    label = "backstage.io/kubernetes-id"
    pods = deployment["spec"]["template"]["metadata"]["labels"]
    assert pods[label] == entry["metadata"]["annotations"][label]


def test_its_image_builds_upon_a_base_of_ours(planned: Plan) -> None:
    context = planned.package("hello").images[0].context
    assert dockerfile.bases((context / "Dockerfile").read_text()) == ("idp.local/debian:13",)
    linter = Path(sys.executable).parent / "hadolint"
    line = [str(linter), "--config", str(ROOT / ".hadolint.yaml"), "--no-color", str(context / "Dockerfile")]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_package_is_in_the_table() -> None:
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text(), re.M))
    assert listed == {path.parent.name for path in (ROOT / "packages").glob("*/package.yaml")}
