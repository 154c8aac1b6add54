"""The state behind the live view: events in, rows out. Pure, so that it can be tested without a terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bootstrap.progress import Event

State = Literal["running", "done", "failed"]


@dataclass
class Node:
    """A step as the live view remembers it; times are those of the clock that measures the steps."""

    title: str
    depth: int
    began: float
    state: State = "running"
    seconds: float = 0.0
    note: str = ""
    children: list[Node] = field(default_factory=list)

    def elapsed(self, now: float) -> float:
        return now - self.began if self.state == "running" else self.seconds


class Tree:
    """All steps so far, in the order in which they started."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self._by_id: dict[int, Node] = {}
        self._by_path: dict[tuple[str, ...], Node] = {}

    def apply(self, event: Event, now: float) -> Node:
        """Take in an event; the node that it concerns comes back."""
        if event.kind == "start":
            return self._start(event, now)
        node = self._by_id[event.id]
        if event.kind == "note":
            node.note = event.text.splitlines()[-1] if event.text else ""
        else:
            node.state = "done" if event.ok else "failed"
            node.seconds = event.seconds
        return node

    def _start(self, event: Event, now: float) -> Node:
        node = Node(event.title, event.depth, now)
        parent = self._by_path.get(event.titles[:-1])
        (parent.children if parent else self.roots).append(node)
        self._by_id[event.id] = node
        self._by_path[event.titles] = node
        return node


def visible(root: Node, height: int) -> list[Node]:
    """The rows of a root that fit into `height`: what runs and what failed first, then what ended last.

    A finished step folds: its children show only where one of them failed.
    """
    rows = _unfolded(root)
    if len(rows) <= height:
        return rows
    settled = [node for node in rows if node.state == "done"]
    hidden = {id(node) for node in settled[: len(rows) - height]}
    return [node for node in rows if id(node) not in hidden][: max(height, 1)]


def _unfolded(node: Node) -> list[Node]:
    children = node.children if node.state != "done" else []
    return [node, *[row for child in children for row in _unfolded(child)]]
