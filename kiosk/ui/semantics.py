"""Role, name, state and spoken text of every widget, and the tree of them: what a helper for the blind reads.

The same tree feeds the observer socket and the tests. It holds only what is on the screen (masked).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

TEXT, BUTTON, IMAGE, PROGRESS = "text", "button", "image", "progress"


class TreeSink(Protocol):
    """Who wants the tree: the observer, and a screen reader."""

    def publish(self, tree: Mapping[str, object]) -> None:
        """Called in the screen's thread after the frame that shows it; must not block."""


class Sinks:
    """Everybody who wants the tree."""

    def __init__(self, *sinks: TreeSink):
        self._sinks = sinks

    def publish(self, tree: Mapping[str, object]) -> None:
        for sink in self._sinks:
            sink.publish(tree)


class Described:
    """Mixed into widgets. A widget with an empty role is mere layout."""

    role: str = ""
    name: str = ""
    key: str = ""
    spoken: str = ""

    def states(self) -> list[str]:
        return []

    def describe(self, role: str, name: str, key: str = "", spoken: str = "") -> None:
        self.role, self.name, self.key = role, name, key
        self.spoken = spoken or name


def described(root: Any) -> Iterator[Any]:
    """Widgets with a role in reading order (Kivy keeps the last added child first)."""
    if getattr(root, "role", ""):
        yield root
    for child in reversed(root.children):
        yield from described(child)


def nodes(root: Any, height_px: int) -> list[dict[str, object]]:
    """The tree, flattened; boxes with the origin at the top left."""
    return [_node(widget, height_px) for widget in described(root)]


def _node(widget: Any, height_px: int) -> dict[str, object]:
    left, top = round(widget.x), round(height_px - widget.y - widget.height)
    return {
        "role": widget.role,
        "name": widget.name,
        "key": widget.key,
        "state": widget.states(),
        "spoken": widget.spoken,
        "box_px": [left, top, round(widget.width), round(widget.height)],
    }
