"""Containers that do not go by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.kind import container


def test_what_is_frozen_in_a_node_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, other = tmp_path / "ours" / "kubelet.slice" / "pod", tmp_path / "other"
    for group, state in ((ours, "FROZEN"), (ours.parent, "THAWED"), (other, "FROZEN")):
        group.mkdir(parents=True, exist_ok=True)
        (group / "freezer.state").write_text(f"{state}\n")
    monkeypatch.setattr(container, "FREEZER", tmp_path)
    monkeypatch.setattr(container, "inspect", lambda name: {"Id": "ours"} if name == "node" else None)
    container.thaw("node")
    container.thaw("nobody")
    assert (ours / "freezer.state").read_text().strip() == "THAWED"
    assert (other / "freezer.state").read_text().strip() == "FROZEN"
