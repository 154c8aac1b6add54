"""The example in docs/packages.md is a package that works as written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from bootstrap import definitions, paths, plan, render
from bootstrap.bundle import dockerfile
from bootstrap.model import Plan, Target

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```\w+\n# ((?:packages|stacks)/\S+)\n(.*?)^```", re.M | re.S)


@pytest.fixture
def planned(tmp_path: Path) -> Plan:
    """The files of the page beside the real packages."""
    written = dict(BLOCK.findall((ROOT / "docs/packages.md").read_text()))
    assert len(written) == 4
    for name, text in written.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for package in paths.packages().iterdir():
        if (package / "package.yaml").is_file():
            shutil.copytree(
                package, tmp_path / "packages" / package.name, ignore=shutil.ignore_patterns("image", "node*")
            )
    stack = definitions.stack(str(tmp_path / "stacks/mine.yaml"), tmp_path)
    contracts = definitions.packages(list(stack.packages), tmp_path / "packages")
    return plan.resolve("mine", stack, contracts, tmp_path / "packages", Target("local", "idp"))


def test_the_example_is_planned_and_rendered(planned: Plan) -> None:
    hello = planned.package("hello")
    rendered = render.package(planned, hello, {"hello": "idp.local/hello@sha256:0"})
    objects = {o["kind"]: o for text in rendered.values() for o in yaml.safe_load_all(text)}
    assert set(objects) == {"ConfigMap", "Deployment", "Service", "HTTPRoute"}
    assert objects["ConfigMap"]["data"] == {"index.html": "Hello from us"}
    container = objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "idp.local/hello@sha256:0"
    assert container["resources"] == {"limits": {"memory": "32Mi"}}
    assert objects["HTTPRoute"]["spec"]["hostnames"] == ["hello.idp.localhost"]


def test_its_image_builds_upon_a_base_of_ours(planned: Plan) -> None:
    context = planned.package("hello").images[0].context
    assert dockerfile.bases((context / "Dockerfile").read_text()) == ("idp.local/debian:13",)


def test_every_package_is_in_the_table() -> None:
    page = (ROOT / "docs/packages.md").read_text()
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.M))
    assert listed == {p.parent.name for p in paths.packages().glob("*/package.yaml")}
