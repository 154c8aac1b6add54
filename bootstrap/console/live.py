"""Progress on a terminal: finished steps stay as lines, the running one is a tree that moves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from bootstrap.console.style import coloured, duration
from bootstrap.console.tree import Node, Tree, visible
from bootstrap.progress import Event

_FRAMES_PER_SECOND = 8
_MARKS = {"done": ("✓", "green"), "failed": ("✗", "bold red")}


class LiveTree:
    """Takes events and redraws by itself; a root step that ended is printed once and never again."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._console = Console(file=stream, no_color=not coloured(stream), highlight=False)
        self._clock = clock
        self._tree = Tree()
        self._lock = threading.RLock()
        self._spinner = Spinner("dots", style="cyan")
        self._live = Live(
            console=self._console,
            get_renderable=self._running,
            refresh_per_second=_FRAMES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> LiveTree:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        with self._lock:
            node = self._tree.apply(event, self._clock())
            ended = event.kind == "end" and event.depth == 0
            if ended:
                self._tree.roots.remove(node)
        if ended:
            self._live.console.print(self._rows(visible(node, height=1000)))

    def _running(self) -> Group | Table:
        """What the moving part shows now."""
        with self._lock:
            height = max(self._console.size.height - 2, 1)
            nodes = [row for root in self._tree.roots for row in visible(root, height)]
            return self._rows(nodes[-height:])

    def _rows(self, nodes: list[Node]) -> Table:
        grid = Table.grid(padding=(0, 1))
        # Room for the `^C` that a terminal echoes: a line that wraps would stay when the tree is redrawn.
        grid.width = max(self._console.width - 3, 20)
        grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        grid.add_column(justify="right", no_wrap=True)
        now = self._clock()
        for node in nodes:
            grid.add_row(self._title(node), Text(duration(node.elapsed(now)), style="dim"))
        return grid

    def _title(self, node: Node) -> Text:
        row = Text("  " * node.depth)
        if node.state == "running":
            frame = self._spinner.render(self._console.get_time())
            row.append_text(frame if isinstance(frame, Text) else Text(str(frame)))
        else:
            mark, style = _MARKS[node.state]
            row.append(mark, style)
        row.append(f" {node.title}", "bold" if node.depth == 0 else "")
        if node.note:
            row.append(f"  {node.note}", "dim")
        return row
