"""One command at a time in the cache; tools unpacked in one piece."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from bootstrap.bundle import places, tools
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.lock import LockedImage
from bootstrap.bundle.recipes import Role
from bootstrap.progress import Event, Progress, silent
from tests.unit.bundle.conftest import add_image, tar_of


def test_the_second_waits_and_says_for_whom(cache: Path) -> None:
    events: list[Event] = []
    entered = threading.Event()

    def second() -> None:
        with places.held("bundle", Progress(events.append)):
            entered.set()

    with places.held("bundle", silent()):
        thread = threading.Thread(target=second)
        thread.start()
        while not events:
            time.sleep(0.01)
        assert not entered.is_set()
    thread.join(5)
    assert entered.is_set()
    assert events[0].title == "wait for another command that works on the bundle"
    assert any("bundle.lock" in event.text for event in events)


def test_other_parts_are_free(cache: Path) -> None:
    with places.held("bundle", silent()), places.held("stores", silent()):
        pass


def test_tools_are_replaced_in_one_piece(layout: Layout, tmp_path: Path) -> None:
    def tool_image(text: str) -> LockedImage:
        digest = add_image(layout, tar_of({"bin/kind": text.encode()})).digest
        return LockedImage("tools", Role.TOOLS, digest, "key", 1)

    folder = tmp_path / "tools"
    for text in ("old", "new"):
        image = tool_image(text)
        assert not tools.present(image, folder)
        tools.unpack(image, layout, folder)
        assert tools.present(image, folder)
        assert (folder / "bin" / "kind").read_text() == text
    assert [path.name for path in tmp_path.glob("tools*")] == ["tools"]
