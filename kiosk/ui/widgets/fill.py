"""A flat opaque area filled by clearing it: for a processor that draws, several times cheaper than a rectangle.

Clearing knows nothing of blending, stencils and turned parents; nothing here has any. It obeys the box that a partial
frame is drawn in.
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import Callback, InstructionGroup
from kivy.graphics import opengl as gl

from kiosk.ui.drawing.theme import Rgb

Area = tuple[int, int, int, int]
"""Left, bottom, right, top in pixels of the window."""

_clip: list[Area | None] = [None]


def clip(box: Area | None) -> None:
    """From now on nothing is filled outside; None = the whole window."""
    _clip[0] = box


class Fill(Callback):
    """`areas` are filled with one colour, in the order of the canvas."""

    def __init__(self, colour: Rgb):
        self.colour = colour
        self.areas: tuple[Area, ...] = ()
        self._around: Area = (0, 0, 0, 0)
        super().__init__(self._clear)

    def place(self, areas: tuple[Area, ...]) -> None:
        if areas != self.areas:
            self.areas = areas
            sides = tuple(zip(*areas, strict=True)) or ((0,),) * 4
            self._around = (min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3]))
            self.ask_update()

    def tint(self, colour: Rgb) -> None:
        if colour != self.colour:
            self.colour = colour
            self.ask_update()

    def _clear(self, _instruction: Any) -> None:
        limit, (left, bottom, right, top) = _clip[0], self._around
        if limit and (left >= limit[2] or bottom >= limit[3] or right <= limit[0] or top <= limit[1]):
            return
        areas = self.areas if limit is None else [_common(area, limit) for area in self.areas]
        seen = [area for area in areas if area[2] > area[0] and area[3] > area[1]]
        if not seen:
            return
        gl.glClearColor(*self.colour, 1.0)
        gl.glEnable(gl.GL_SCISSOR_TEST)
        for left, bottom, right, top in seen:
            gl.glScissor(left, bottom, right - left, top - bottom)
            gl.glClear(gl.GL_COLOR_BUFFER_BIT)
        if limit is None:
            gl.glDisable(gl.GL_SCISSOR_TEST)
        else:
            gl.glScissor(limit[0], limit[1], limit[2] - limit[0], limit[3] - limit[1])


class Ground(InstructionGroup):
    """What stands under other things: filled areas, as a group, which can tell whether it was changed."""

    def __init__(self, colour: Rgb, *areas: Area):
        super().__init__()
        fill = Fill(colour)
        fill.place(areas)
        self.add(fill)


def _common(a: Area, b: Area) -> Area:
    return (max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))
