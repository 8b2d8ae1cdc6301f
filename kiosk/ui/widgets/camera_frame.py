"""A camera's picture for the technician, and the box in it: outside is shaded, the edge that moves is thick."""

from __future__ import annotations

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from kiosk.domain.technician.calibration import CameraBox
from kiosk.domain.technician.sight import Sight
from kiosk.ui import semantics
from kiosk.ui.drawing.theme import Rgb
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.plate import Plate

FIELD_MM = (200.0, 122.0)
"""Room for a picture of any shape."""
_USUAL = 16 / 9
_RIM_MM, _CORE_MM, _MOVED_MM = 0.5, 1.0, 3.0
_HANDLE_MM = (18.0, 9.0)
_LIGHT: Rgb = (1.0, 1.0, 1.0)
_DARK: Rgb = (0.0, 0.0, 0.0)
"""A light line between two dark ones: one of them stands out from whatever the camera sees."""
_SHADE = 0.55
_LYING = ("top", "bottom")

Area = tuple[int, int, int, int]
"""Left, bottom, width, height in pixels."""


class CameraFrame(semantics.Described, Widget):
    """`show` gives it a picture; `forget` overwrites the last one."""

    def __init__(self, stage: Stage, box: CameraBox, edge: str, most_px: int):
        mm, colour = stage.look.mm, stage.look.colour
        width = min(mm(FIELD_MM[0]), most_px)
        super().__init__(size_hint=(None, None), size=(width, round(width * FIELD_MM[1] / FIELD_MM[0])))
        self.describe(semantics.IMAGE, "camera", "picture.camera")
        self._box, self._edge, self._mm = box, edge, mm
        self._shape = _USUAL
        self._texture: Texture | None = None
        self._ground = _flat(self, colour.track)
        self._paper = Color(*_LIGHT, 0)
        self._picture = Rectangle()
        self.canvas.add(self._paper)
        self.canvas.add(self._picture)
        self._shades = [_flat(self, _DARK, _SHADE) for _ in range(4)]
        self._lines = {name: self._line(colour.mark if name == edge else _LIGHT) for name in _edges(0, 0, 0, 0)}
        self._handle = [Plate(stage.raster, mm(2), ink) for ink in (_DARK, _LIGHT, colour.mark)]
        for plate in self._handle:
            self.canvas.add(plate)
        self.bind(pos=self._arrange)

    def _line(self, ink: Rgb) -> list[Rectangle]:
        """From the outside to the core."""
        inks = (_DARK, _LIGHT, ink) if ink is not _LIGHT else (_DARK, _LIGHT)
        return [_flat(self, one) for one in inks]

    def show(self, sight: Sight) -> None:
        size = (sight.width_px, sight.height_px)
        if self._texture is None or tuple(self._texture.size) != size:
            self.forget()
            self._texture = Texture.create(size=size, colorfmt="rgb")
            self._texture.flip_vertical()
            self._picture.texture = self._texture
            self._paper.rgba = (*_LIGHT, 1)
            self._shape = sight.width_px / sight.height_px
            self._arrange()
        self._texture.blit_buffer(sight.rgb, colorfmt="rgb", bufferfmt="ubyte")
        self.canvas.ask_update()

    def forget(self) -> None:
        """Nothing of it stays in the memory of the graphics unit."""
        texture, self._texture = self._texture, None
        if texture is None:
            return
        width, height = texture.size
        texture.blit_buffer(bytes(3 * int(width) * int(height)), colorfmt="rgb", bufferfmt="ubyte")
        self._picture.texture = None
        self._paper.rgba = (*_LIGHT, 0)

    # where everything is

    def picture_area(self) -> Area:
        """As large as the field allows, in its middle; a handle on its edge stays in the field."""
        room = int(self.height) - self._mm(_HANDLE_MM[1])
        wide, high = min(int(self.width), round(room * self._shape)), min(room, round(self.width / self._shape))
        return int(self.x) + (int(self.width) - wide) // 2, int(self.y) + (int(self.height) - high) // 2, wide, high

    def box_area(self) -> Area:
        left, bottom, width, height = self.picture_area()
        x0, y0, x1, y1 = self._box.edges
        x, y = left + round(width * x0), bottom + round(height * (1 - y1))
        return x, y, left + round(width * x1) - x, bottom + round(height * (1 - y0)) - y

    def _arrange(self, *_: object) -> None:
        picture, box = self.picture_area(), self.box_area()
        _put(self._ground, picture)
        _put(self._picture, picture)
        for shade, area in zip(self._shades, _around(picture, box), strict=True):
            _put(shade, area)
        for name, (x, y, width, height) in _edges(*box).items():
            for part, half in zip(self._lines[name], self._halves(name), strict=True):
                _put(part, (x - half, y - half, width + 2 * half, height + 2 * half))
        self._place_handle(box)

    def _halves(self, name: str) -> tuple[int, ...]:
        """How far each part of a line reaches to both sides."""
        rim, core = max(self._mm(_RIM_MM), 1), max(self._mm(_CORE_MM) // 2, 1)
        if name != self._edge:
            return rim + core, core
        moved = self._mm(_MOVED_MM) // 2
        return moved + 2 * rim, moved + rim, moved

    def _place_handle(self, box: Area) -> None:
        x, y, width, height = _edges(*box)[self._edge]
        long, short = (self._mm(side) for side in _HANDLE_MM)
        wide, high = (long, short) if self._edge in _LYING else (short, long)
        middle_x, middle_y = x + width // 2, y + height // 2
        rim = max(self._mm(_RIM_MM), 1)
        for plate, inset in zip(self._handle, (0, rim, 2 * rim), strict=True):
            plate.place(middle_x - wide // 2 + inset, middle_y - high // 2 + inset, wide - 2 * inset, high - 2 * inset)


def _flat(widget: Widget, ink: Rgb, share: float = 1.0) -> Rectangle:
    area = Rectangle(size=(0, 0))
    widget.canvas.add(Color(*ink, share))
    widget.canvas.add(area)
    return area


def _put(part: Rectangle, area: Area) -> None:
    part.pos, part.size = area[:2], area[2:]


def _around(outer: Area, inner: Area) -> tuple[Area, Area, Area, Area]:
    """What of `outer` is not in `inner`: left, right, below, above."""
    x, y, width, height = outer
    left, low, wide, high = inner
    return (
        (x, y, left - x, height),
        (left + wide, y, x + width - left - wide, height),
        (left, y, wide, low - y),
        (left, low + high, wide, y + height - low - high),
    )


def _edges(x: int, y: int, width: int, height: int) -> dict[str, Area]:
    """The lines themselves, with no breadth."""
    return {
        "left": (x, y, 0, height),
        "right": (x + width, y, 0, height),
        "top": (x, y + height, width, 0),
        "bottom": (x, y, width, 0),
    }
