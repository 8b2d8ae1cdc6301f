"""What has changed in the tree of widgets since the last frame, as boxes of pixels.

Kivy flags the groups that changed and drawing clears the flags, so nothing is marked by hand and nothing can be
forgotten. A change is painted twice: where it was and where it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kiosk.ui.drawing.painted import Box, Doubt, area, around, have_changed, own_instructions, painted

_EDGE_PX = 2
_MOST_BOXES = 6
_WORTH_MERGING = 1.15
"""Two boxes become one when that draws at most so many times their pixels,"""
_A_BOX_PX = 60_000
"""and so many more: a box more draws the tree once more, which costs about as much."""
_MOST_OF_WINDOW = 0.5


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A widget as the last frame had it."""

    box: Box | None
    children: tuple[int, ...]
    instructions: int


class Changes:
    def __init__(self) -> None:
        self._drawn: dict[int, _Drawn] = {}
        self._roots: tuple[int, ...] = ()
        self._found: list[Box] = []
        self._most = 0.0

    def remember(self, roots: Iterable[Any]) -> None:
        """All that was drawn in a whole frame.

        :raises Doubt: something paints what cannot be known.
        """
        self._drawn.clear()
        self._roots = tuple(widget.uid for widget in roots)
        waiting = list(roots)
        while waiting:
            widget = waiting.pop()
            self._drawn[widget.uid] = _now(widget)
            waiting.extend(widget.children)

    def forget(self) -> None:
        self._drawn.clear()
        self._roots = ()

    def boxes(self, roots: Iterable[Any], size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
        """What to draw again: at most six boxes, and at most half of the window.

        :param roots: the window's own widgets.
        :raises Doubt: better draw everything.
        """
        self._found = []
        self._most = size[0] * size[1] * _MOST_OF_WINDOW
        roots = list(roots)
        if tuple(widget.uid for widget in roots) != self._roots:
            raise Doubt("another root")
        for widget in roots:
            if widget.canvas.needs_redraw:
                self._visit(widget)
        return _few(self._found, size)

    def _visit(self, widget: Any) -> None:
        before, now = self._drawn.get(widget.uid), _now(widget)
        if before is None:
            self._come(widget)
            return
        come = self._follow_children(widget, before, now)
        if before.instructions != now.instructions or have_changed(own_instructions(widget)):
            self._add(before.box)
            self._add(now.box)
        self._drawn[widget.uid] = now
        for child in widget.children:
            if child.uid not in come and child.canvas.needs_redraw:
                self._visit(child)

    def _follow_children(self, widget: Any, before: _Drawn, now: _Drawn) -> frozenset[int]:
        """Those that went and those that came; gives the latter."""
        if before.children == now.children:
            return frozenset()
        stay = set(before.children) & set(now.children)
        if [uid for uid in before.children if uid in stay] != [uid for uid in now.children if uid in stay]:
            raise Doubt("another order")
        for uid in before.children:
            if uid not in stay:
                self._go(uid)
        for child in widget.children:
            if child.uid not in stay:
                self._come(child)
        return frozenset(set(now.children) - stay)

    def _come(self, widget: Any) -> None:
        if widget.width * widget.height > self._most:
            raise Doubt("another screen")
        now = self._drawn[widget.uid] = _now(widget)
        self._add(now.box)
        for child in widget.children:
            self._come(child)

    def _go(self, uid: int) -> None:
        gone = self._drawn.pop(uid, None)
        if gone is None:
            raise Doubt("not drawn before")
        self._add(gone.box)
        for child in gone.children:
            self._go(child)

    def _add(self, box: Box | None) -> None:
        if box is not None:
            self._found.append(box)


def _now(widget: Any) -> _Drawn:
    own = own_instructions(widget)
    return _Drawn(painted(own), tuple(child.uid for child in widget.children), len(own))


def _few(found: Iterable[Box], size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """In whole pixels within the window, merged where that is cheaper."""
    width, height = size
    out: list[tuple[int, int, int, int]] = []
    for left, bottom, right, top in found:
        box: Any = (
            max(int(left) - _EDGE_PX, 0),
            max(int(bottom) - _EDGE_PX, 0),
            min(int(right) + _EDGE_PX + 1, width),
            min(int(top) + _EDGE_PX + 1, height),
        )
        if box[2] <= box[0] or box[3] <= box[1]:
            continue
        while near := next((other for other in out if _is_worth_merging(box, other)), None):
            out.remove(near)
            box = around(box, near)
        out.append(box)
    if len(out) > _MOST_BOXES or sum(map(area, out)) > width * height * _MOST_OF_WINDOW:
        raise Doubt("nearly everything")
    return out


def _is_worth_merging(a: Box, b: Box) -> bool:
    both = around(a, b)
    return both is not None and area(both) <= (area(a) + area(b)) * _WORTH_MERGING + _A_BOX_PX
