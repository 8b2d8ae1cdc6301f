"""The four quarter discs of a round plate, drawn at once: many small drawings cost more than what they paint."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Mesh

from kiosk.ui.widgets.fill import Area

_TURNS = (
    (0, 0, 1, 0, 1, 1, 0, 1),
    (1, 0, 0, 0, 0, 1, 1, 1),
    (0, 1, 1, 1, 1, 0, 0, 0),
    (1, 1, 0, 1, 0, 0, 1, 0),
)
"""Texture coordinates of the corners: bottom left, bottom right, top left, top right."""
_TRIANGLES = [4 * corner + at for corner in range(4) for at in (0, 1, 2, 2, 3, 0)]


class Corners(Mesh):
    """:param texture: the bottom left quarter of a disc."""

    def __init__(self, texture: Any):
        super().__init__(texture=texture, indices=_TRIANGLES, mode="triangles")
        self.areas: tuple[Area, ...] = ()

    def place(self, x: int, y: int, right: int, top: int, r: int) -> None:
        """Inside the corners of this box, `r` pixels large."""
        places = ((x, y), (right - r, y), (x, top - r), (right - r, top - r))
        areas = tuple((left, bottom, left + r, bottom + r) for left, bottom in places)
        if areas != self.areas:
            self.areas = areas
            self.vertices = [value for area, turn in zip(areas, _TURNS, strict=True) for value in _quad(area, turn)]


def _quad(area: Area, turn: tuple[int, ...]) -> tuple[int, ...]:
    """Place and texture coordinates of its four corners, against the clock."""
    x, y, right, top = area
    return (x, y, *turn[:2], right, y, *turn[2:4], right, top, *turn[4:6], x, top, *turn[6:])
