"""A flat opaque area filled by clearing it: for a processor that draws, several times cheaper than a rectangle.

Clearing knows nothing of blending, stencils and turned parents; nothing here has any. It obeys the box that a partial
frame is drawn in.
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import Callback
from kivy.graphics import opengl as gl

from kiosk.ui.theme import Rgb

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
        super().__init__(self._clear)

    def place(self, areas: tuple[Area, ...]) -> None:
        if areas != self.areas:
            self.areas = areas
            self.ask_update()

    def tint(self, colour: Rgb) -> None:
        if colour != self.colour:
            self.colour = colour
            self.ask_update()

    def _clear(self, _instruction: Any) -> None:
        limit = _clip[0]
        gl.glClearColor(*self.colour, 1.0)
        gl.glEnable(gl.GL_SCISSOR_TEST)
        for area in self.areas:
            left, bottom, right, top = area if limit is None else _common(area, limit)
            if right > left and top > bottom:
                gl.glScissor(left, bottom, right - left, top - bottom)
                gl.glClear(gl.GL_COLOR_BUFFER_BIT)
        if limit is None:
            gl.glDisable(gl.GL_SCISSOR_TEST)
        else:
            gl.glScissor(limit[0], limit[1], limit[2] - limit[0], limit[3] - limit[1])


def _common(a: Area, b: Area) -> Area:
    return (max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))
