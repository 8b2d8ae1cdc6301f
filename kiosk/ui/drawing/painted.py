"""Which pixels a widget's own instructions paint, read from the instructions themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kivy.graphics import BindTexture, Color, InstructionGroup, Rectangle

from kiosk.ui.widgets.corners import Corners
from kiosk.ui.widgets.fill import Fill

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in pixels of the window."""


class Doubt(Exception):
    """An instruction whose pixels are not known here: then everything is drawn."""


def own_instructions(widget: Any) -> list[Any]:
    """A widget's canvas without the canvases of its children."""
    of_children = {id(child.canvas) for child in widget.children}
    return [one for one in widget.canvas.children if id(one) not in of_children]


def have_changed(instructions: Iterable[Any]) -> bool:
    """A group says whether it was changed since it was drawn; a single instruction cannot, and counts as changed."""
    return any(not isinstance(one, InstructionGroup) or one.needs_redraw for one in instructions)


def painted(instructions: Iterable[Any]) -> Box | None:
    """What they paint together; None when it is nothing.

    :raises Doubt: not only flat and textured rectangles, which everything here is made of.
    """
    box: Box | None = None
    for one in instructions:
        if isinstance(one, InstructionGroup):
            box = around(box, painted(one.children))
        elif isinstance(one, Rectangle):
            (x, y), (width, height) = one.pos, one.size
            box = around(box, (x, y, x + width, y + height) if width and height else None)
        elif isinstance(one, (Fill, Corners)):
            for part in one.areas:
                box = around(box, part if part[2] > part[0] and part[3] > part[1] else None)
        elif not isinstance(one, (Color, BindTexture)):
            raise Doubt(type(one).__name__)
    return box


def around(a: Box | None, b: Box | None) -> Box | None:
    if a is None or b is None:
        return a or b
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))


def area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
