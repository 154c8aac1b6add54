"""What a target gets is pinned as files: a change of a template shows as a difference here.

After a wanted change run `make golden` and read the difference. Images appear by a made-up digest, and
upstream manifests, which are pinned by hash in their package, are left out. The cloud is pinned for one
account and region.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap import gitops, plan, preview, render
from bootstrap.model import Target
from bootstrap.targets import KINDS
from stacks.eks.site import Site

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "IDP_UPDATE_GOLDEN"

CASES = [
    ("reference", "local", "default"),
    ("minimal", "local", "small"),
    ("reference", "cloud", "default"),
    ("minimal", "cloud", "small"),
]

#: What is known of a target only once it has a place.
PLACES = {"local": {}, "cloud": Site("golden", "eu-central-1", "123456789012").facts}
DOMAINS = {"local": "", "cloud": "golden.example.org"}


def tree(stack: str, target: str, size: str, like: str = "") -> dict[str, str]:
    """Every file of the platform repository of a target, with the domain and the place of another one."""
    resolved = plan.load(stack, Target(target, "golden"), size, domain=DOMAINS[like or target])
    resolved = plan.located(resolved, PLACES[like or target])
    manifests = render.stack(resolved, preview.unbuilt(resolved), {})
    files = gitops.platform_files(resolved, manifests, bundle="0" * 64)
    return {path: content.decode() for path, content in files.items()}


@pytest.mark.parametrize(("stack", "target", "size"), CASES, ids=lambda value: value)
def test_rendering(stack: str, target: str, size: str) -> None:
    folder = GOLDEN / f"{stack}-{target}-{size}"
    rendered = tree(stack, target, size)
    if os.environ.get(UPDATE):
        write(folder, rendered)
    pinned = {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}
    assert sorted(rendered) == sorted(pinned), "run `make golden`, then read the difference"
    for path, text in rendered.items():
        assert text == pinned[path], f"{path}: run `make golden`, then read the difference"


@pytest.mark.parametrize(("target", "other"), [("cloud", "local"), ("local", "cloud")])
def test_nothing_but_facts_tells_targets_apart(
    target: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A target that offers what another one does gets the other's files, to the byte."""
    wanted = tree("reference", other, "default")
    assert tree("reference", target, "default") != wanted
    monkeypatch.setitem(KINDS, target, replace(KINDS[target], facts=KINDS[other].facts))
    found = tree("reference", target, "default", like=other)
    # The one line that names the target itself; nothing reads it but people.
    found["platform.yaml"] = found["platform.yaml"].replace(f"target: {target}\n", f"target: {other}\n")
    assert found == wanted


def write(folder: Path, files: dict[str, str]) -> None:
    """Replace the pinned tree."""
    for old in sorted(folder.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
