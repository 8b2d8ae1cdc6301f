"""An icon or a picture, its inks tinted by the theme."""

from __future__ import annotations

from collections.abc import Mapping

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.ui import semantics
from kiosk.ui.stage import Stage
from kiosk.ui.theme import Rgb


class Picture(semantics.Described, Widget):
    """`name` of assets/icons at a height in pixels; `inks` maps line, accent, fill, soft to colours."""

    def __init__(self, stage: Stage, name: str, height: int, inks: Mapping[str, Rgb], role: str = ""):
        width = stage.raster.width_for(name, height)
        super().__init__(size_hint=(None, None), size=(width, height))
        if role:
            self.describe(role, name, f"picture.{name}", "")
        self._colours: dict[str, Color] = {}
        self._layers = []
        with self.canvas:
            for ink in stage.raster.drawing(name).inks:
                self._colours[ink] = Color(*inks.get(ink, inks["line"]), 1)
                self._layers.append(Rectangle(texture=stage.raster.ink(name, height, ink), size=self.size))
        self.bind(pos=self._follow)

    def _follow(self, *_: object) -> None:
        for layer in self._layers:
            layer.pos = self.pos

    def tint(self, colour: Rgb) -> None:
        """All inks in one colour."""
        for ink in self._colours.values():
            ink.rgba = (*colour, 1)
