"""A run waits for the programs of an earlier one, and for nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap.errors import IdpError
from bootstrap.progress import Event, Progress
from stacks import underway

#: A provider that is killed while a program of its own still runs.
_ORPHANING = """
import os, sys, threading
from pathlib import Path
from bootstrap import shell
from stacks import underway

with underway.working(Path(sys.argv[1])):
    threading.Timer(0.5, os._exit, [1]).start()
    shell.run(["sh", "-c", f"sleep {sys.argv[2]} >/dev/null 2>&1"])
"""


def orphan(folder: Path, seconds: float) -> None:
    subprocess.run([sys.executable, "-c", _ORPHANING, str(folder), str(seconds)], check=False)


def test_a_run_waits_for_an_orphan_and_says_so(tmp_path: Path) -> None:
    orphan(tmp_path, 2)
    said: list[Event] = []
    underway.await_end(tmp_path, Progress(said.append), patience=30)
    assert [event.kind for event in said] == ["start", "end"]
    assert "earlier run" in said[0].title
    underway.await_end(tmp_path, Progress(said.append), patience=0)  # nobody is left
    assert len(said) == 2


def test_patience_ends_with_the_way_out(tmp_path: Path) -> None:
    orphan(tmp_path, 5)
    with pytest.raises(IdpError) as raised:
        underway.await_end(tmp_path, Progress(lambda event: None), patience=0.5)
    assert raised.value.code == "IDP-P011"
    assert str(tmp_path) in raised.value.fix


def test_nothing_to_wait_for_before_the_first_run(tmp_path: Path) -> None:
    underway.await_end(tmp_path / "none", Progress(lambda event: None), patience=0)
