"""Progress, pinned byte for byte: programs of our users read these lines."""

from __future__ import annotations

import contextlib
import io
import json
import re
import threading
from collections.abc import Iterator

import pytest

from bootstrap.console import Mode, reporting
from bootstrap.console.reporting import choose
from bootstrap.console.style import duration
from bootstrap.console.tree import Tree, visible
from bootstrap.progress import Event, Progress, Reporter, silent


class FakeClock:
    """Each reading is half a second after the last."""

    def __init__(self) -> None:
        self._readings: Iterator[float] = (i * 0.5 for i in range(10_000))

    def __call__(self) -> float:
        return next(self._readings)


def story(reporter: Reporter) -> None:
    """One step that nests and takes notes, one that fails."""
    with reporter.step("bundle") as bundle:
        bundle.note("2 images")
        with bundle.step("gitea") as gitea:
            gitea.note("unchanged")
    with contextlib.suppress(RuntimeError), reporter.step("cluster") as cluster:
        cluster.note("first line\nsecond line")
        raise RuntimeError


def told(mode: Mode) -> str:
    stream = io.StringIO()
    with reporting(mode, stream, FakeClock()) as reporter:
        story(reporter)
    return stream.getvalue()


PLAIN = """\
start  bundle
note   bundle: 2 images
start  bundle / gitea
note   bundle / gitea: unchanged
done   bundle / gitea  0.5 s
done   bundle  1.5 s
start  cluster
note   cluster: first line | second line
fail   cluster  0.5 s
"""


def test_plain_output() -> None:
    assert told(Mode.PLAIN) == PLAIN


def test_auto_is_plain_without_a_terminal() -> None:
    assert told(Mode.AUTO) == PLAIN


JSON = """\
{"event": "start", "step": 1, "path": ["bundle"]}
{"event": "note", "step": 1, "path": ["bundle"], "text": "2 images"}
{"event": "start", "step": 2, "path": ["bundle", "gitea"]}
{"event": "note", "step": 2, "path": ["bundle", "gitea"], "text": "unchanged"}
{"event": "end", "step": 2, "path": ["bundle", "gitea"], "ok": true, "seconds": 0.5}
{"event": "end", "step": 1, "path": ["bundle"], "ok": true, "seconds": 1.5}
{"event": "start", "step": 3, "path": ["cluster"]}
{"event": "note", "step": 3, "path": ["cluster"], "text": "first line\\nsecond line"}
{"event": "end", "step": 3, "path": ["cluster"], "ok": false, "seconds": 0.5}
"""


def test_json_output() -> None:
    assert told(Mode.JSON) == JSON
    assert all(json.loads(line) for line in told(Mode.JSON).splitlines())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_auto_is_live_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert choose(Mode.AUTO, Terminal()) is Mode.LIVE
    monkeypatch.setenv("TERM", "dumb")
    assert choose(Mode.AUTO, Terminal()) is Mode.PLAIN


def test_live_leaves_one_line_per_finished_step_and_unfolds_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told(Mode.LIVE))
    assert re.search(r"✓ bundle  2 images +\d+\.\d s", text)
    assert re.search(r"✗ cluster  second line +\d+\.\d s", text)
    assert "gitea" not in text.split("✓ bundle")[-1]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.04, "0.0 s"),
        (9.96, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (61.4, "1 min 01 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 00 min"),
        (7384, "2 h 03 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_steps_of_many_threads_neither_mix_nor_get_lost() -> None:
    events: list[Event] = []
    progress = Progress(events.append)

    def build(name: str) -> None:
        with progress.step("bundle") as bundle, bundle.step(name) as image:
            image.note(name)

    threads = [threading.Thread(target=build, args=(f"image-{i}",)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_step: dict[int, list[str]] = {}
    for event in events:
        by_step.setdefault(event.id, []).append(event.kind)
    assert len(by_step) == 40
    assert {tuple(kinds) for kinds in by_step.values()} == {("start", "note", "end"), ("start", "end")}


def test_a_long_tree_shows_what_runs_and_hides_what_is_done() -> None:
    tree = Tree()
    tree.apply(Event("start", 1, ("bundle",)), now=0)
    for number in range(2, 12):
        tree.apply(Event("start", number, ("bundle", f"image-{number}")), now=0)
        if number != 5:
            tree.apply(Event("end", number, ("bundle", f"image-{number}")), now=1)
    rows = [node.title for node in visible(tree.roots[0], height=4)]
    assert rows == ["bundle", "image-5", "image-10", "image-11"]


def test_silence() -> None:
    story(silent())
