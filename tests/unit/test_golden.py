"""What a target gets is pinned as files: a change of a template shows as a difference here.

After a wanted change run `make golden` and read the difference. Images appear by a made-up digest, and
upstream manifests, which are pinned by hash in their package, are left out.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bootstrap import gitops, plan, preview, render
from bootstrap.model import Target

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "IDP_UPDATE_GOLDEN"

CASES = [("reference", "local", "default"), ("minimal", "local", "small")]


def tree(stack: str, target: str, size: str) -> dict[str, str]:
    """Every file of the platform repository."""
    resolved = plan.load(stack, Target(target, "golden"), size)
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


def write(folder: Path, files: dict[str, str]) -> None:
    """Replace the pinned tree."""
    for old in sorted(folder.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
