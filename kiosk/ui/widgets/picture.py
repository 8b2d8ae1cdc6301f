"""An icon or a picture, its inks tinted by the theme."""

from __future__ import annotations

from collections.abc import Mapping

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.ui import semantics
from kiosk.ui.drawing.raster import Layer
from kiosk.ui.drawing.theme import Rgb
from kiosk.ui.stage import Stage


class Picture(semantics.Described, Widget):
    """`name` of assets/icons at a height in pixels; `inks` maps line, accent, fill, soft to colours."""

    def __init__(self, stage: Stage, name: str, height: int, inks: Mapping[str, Rgb], role: str = ""):
        width = stage.raster.width_for(name, height)
        super().__init__(size_hint=(None, None), size=(width, height))
        if role:
            self.describe(role, name, f"picture.{name}", "")
        self._colours: dict[str, Color] = {}
        self._layers: list[tuple[Rectangle, Layer]] = []
        # Drawn before our canvas is opened: what is made inside it belongs to it, and would be drawn with it.
        made = [(ink, stage.raster.ink(name, height, ink)) for ink in stage.raster.drawing(name).inks]
        with self.canvas:
            for ink, layer in made:
                self._colours[ink] = Color(*inks.get(ink, inks["line"]), 1)
                place = Rectangle(texture=layer.texture, size=(layer.width, layer.height))
                self._layers.append((place, layer))
        self.bind(pos=self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        for place, layer in self._layers:
            place.pos = (self.x + layer.x, self.y + layer.y)

    def tint(self, colour: Rgb) -> None:
        """All inks in one colour."""
        for ink in self._colours.values():
            ink.rgba = (*colour, 1)
