"""A picture that was just taken, large enough to see whether it can be read."""

from __future__ import annotations

import io

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget
from PIL import Image

from kiosk.ui import semantics
from kiosk.ui.stage import Stage

HEIGHT_MM = 130.0
_RIM_MM = 1.0


class ShotPicture(semantics.Described, Widget):
    """Upright, whole, at most `most_px` wide; `forget` overwrites it."""

    def __init__(self, stage: Stage, jpeg: bytes, most_px: int):
        mm, colour = stage.look.mm, stage.look.colour
        super().__init__(size_hint=(None, None), size=(most_px, mm(HEIGHT_MM)))
        self.describe(semantics.IMAGE, "shot", "picture.shot")
        self._rim = max(mm(_RIM_MM), 1)
        room = (most_px - 2 * self._rim, int(self.height) - 2 * self._rim)
        with Image.open(io.BytesIO(jpeg)) as picture:
            # A document camera's picture is many times the screen's size: the decoder itself makes it smaller.
            picture.draft("RGB", room)
            small = picture.convert("RGB")
            small.thumbnail(room)
        self._shown = (small.width, small.height)
        self._texture: Texture | None = Texture.create(size=self._shown, colorfmt="rgb")
        self._texture.flip_vertical()
        self._texture.blit_buffer(small.tobytes(), colorfmt="rgb", bufferfmt="ubyte")
        with self.canvas:
            Color(*colour.edge, 1)
            self._frame = Rectangle()
            Color(1, 1, 1, 1)
            self._picture = Rectangle(texture=self._texture, size=self._shown)
        self.bind(pos=self._arrange)

    def _arrange(self, *_: object) -> None:
        wide, high = self._shown
        x, y = int(self.x) + (int(self.width) - wide) // 2, int(self.y) + (int(self.height) - high) // 2
        self._picture.pos = (x, y)
        self._frame.pos = (x - self._rim, y - self._rim)
        self._frame.size = (wide + 2 * self._rim, high + 2 * self._rim)

    def forget(self) -> None:
        """Nothing of it stays in the memory of the graphics unit."""
        texture, self._texture = self._texture, None
        if texture is not None:
            texture.blit_buffer(bytes(3 * self._shown[0] * self._shown[1]), colorfmt="rgb", bufferfmt="ubyte")
            self._picture.texture = None
