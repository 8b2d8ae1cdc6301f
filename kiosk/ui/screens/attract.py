"""The screen that waits: a red-brick house by the sea, and how to begin, in both languages. It stands still.

There is nothing to press on it: wherever it is touched, the first screen comes (`kiosk.ui.shell`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.domain.screens.compose import View
from kiosk.domain.site.view import INVITATION, hours_shown
from kiosk.domain.speech import Lang, Line
from kiosk.ui import semantics
from kiosk.ui.drawing.theme import Rgb, mix
from kiosk.ui.screens.base import Screen
from kiosk.ui.widgets.picture import Picture
from kiosk.ui.widgets.text import Text

_LARGEST_EMS = (2.5, 2.2, 1.9, 1.6, 1.4, 1.2, 1.0)
"""The invitation: the first size in which each of its clauses stands in one row."""
_SECOND = 0.62
"""The other language, of the first one's size."""
_PAD_MM, _GAP_MM = 12.0, 7.0
_SHORE_MM = 14.0
"""The house stands on it."""
_HOUSE_LEAST_MM = 40.0
_STEP_MM = 5.0
_WAVE_MM = 6.0
_SEA_LEAST_MM = 34.0
_DAWN = 1.5
"""Sun and hills behind the house, of its height."""


class AttractScreen(Screen):
    """Placed by hand from both ends: words from the top, the sea from the bottom."""

    def light(self, key: str | None, index: int) -> None:
        """Nothing moves here."""

    def leave(self) -> None:
        super().leave()
        self.canvas.before.clear()

    def _build(self, view: View, turned: bool = False) -> None:
        self.leave()
        mm = self.stage.look.mm
        self._room = self.stage.screen.width_px - 2 * mm(_PAD_MM)
        self._gap = mm(_GAP_MM)
        self.page, self.page_count = 0, 1
        top = self._invite(view, int(self.y + self.height) - mm(_PAD_MM)) - self._gap
        shore = self._sea(view, top - int(self.y))
        self._stand_house(view, shore, top)

    # from the top: how to begin

    def _invite(self, view: View, top: int) -> int:
        """Minnan first and largest; Mandarin below it where it reads differently."""
        colour = self.stage.look.colour
        first = self._clauses(view.question, Lang.NAN)
        second = self._clauses(view.question, Lang.CMN)
        ems = next((ems for ems in _LARGEST_EMS if self._fits(first, ems)), _LARGEST_EMS[-1])
        top = self._stack(first, ems, colour.mark, top)
        if second != first:
            top = self._stack(second, max(ems * _SECOND, 1.0), colour.ink, top - self._gap)
        return top

    def _clauses(self, line: Line, lang: Lang) -> Sequence[str]:
        """In the language that is asked for, whatever the screen's is."""
        return self.stage.words.clauses(lang, line.key, line.args)

    def _fits(self, clauses: Sequence[str], ems: float) -> bool:
        return all(len(self._row(clause, ems, self.stage.look.colour.ink).rows) == 1 for clause in clauses)

    def _row(self, shown: str, ems: float, ink: Rgb) -> Text:
        return Text(self.stage, shown, width=self._room, ems=ems, bold=True, align="center", colour=ink, key=INVITATION)

    def _stack(self, clauses: Sequence[str], ems: float, ink: Rgb, top: int) -> int:
        for clause in clauses:
            text = self._row(clause, ems, ink)
            top = self._add(text, (self.stage.screen.width_px - int(text.width)) // 2, top)
        return top

    # from the bottom: the sea, with what is to be known today

    def _sea(self, view: View, room: int) -> int:
        """A band of its own, so that the words on it have one ground; gives its upper edge."""
        mm, colour = self.stage.look.mm, self.stage.look.colour
        surface = self._gap + mm(_WAVE_MM)
        texts: list[Text] = []
        for text in self._news(view):
            if sum(int(one.height) for one in (*texts, text)) + surface + self._gap > room:
                break
            texts.append(text)
        height = max(sum(int(text.height) for text in texts) + surface + self._gap, mm(_SEA_LEAST_MM))
        sea = Widget(size_hint=(None, None), size=(self.stage.screen.width_px, height), pos=(0, self.y))
        with sea.canvas:
            Color(*colour.fill, 1)
            Rectangle(pos=sea.pos, size=sea.size)
        self.add_widget(sea)
        self._waves(sea)
        y = int(sea.top) - surface
        for text in texts:
            y -= int(text.height)
            text.pos = ((int(sea.width) - int(text.width)) // 2, y)
            sea.add_widget(text)
        return int(sea.top)

    def _news(self, view: View) -> Iterator[Text]:
        """By weight: the hours in one row, whether somebody is there, when next, the village's notice."""
        if view.facts:
            spans = "  ".join(hours_shown(span) for span in view.here.spans)
            yield self._on_sea(f"{self.stage.show(Line(view.facts[0].label))}  {spans}", None)
        for line in view.body:
            yield self._on_sea(self.stage.show(line), line)

    def _on_sea(self, shown: str, line: Line | None) -> Text:
        colour, ems = self.stage.look.colour, self.stage.look.framed()
        return Text(
            self.stage,
            shown,
            width=self._room,
            ems=ems,
            bold=True,
            align="center",
            colour=colour.on_fill,
            line=line,
            key="site.window",
        )

    def _waves(self, sea: Widget) -> None:
        mm, colour = self.stage.look.mm, self.stage.look.colour
        height, inks = mm(_WAVE_MM), {"line": mix(colour.fill, colour.on_fill, 0.35)}
        step = self.stage.raster.width_for("waves", height)
        for x in range(0, int(sea.width) - step + 1, step):
            wave = Picture(self.stage, "waves", height, inks)
            wave.pos = (x + (int(sea.width) % step) // 2, int(sea.top) - height - self._gap // 2)
            sea.add_widget(wave)

    # between them: the house on its shore, the sun behind it

    def _stand_house(self, view: View, floor: int, top: int) -> None:
        """Where the words leave little room the picture goes first."""
        mm, raster, step = self.stage.look.mm, self.stage.raster, self.stage.look.mm(_STEP_MM)
        shore = mm(_SHORE_MM)
        height = min(top - floor - shore // 2, mm(self.anatomy.picture_mm)) // step * step
        while height >= mm(_HOUSE_LEAST_MM) and raster.width_for(view.picture, height) > self._room:
            height -= step
        if height < mm(_HOUSE_LEAST_MM):
            return
        self._paint_shore(floor, shore)
        self._paint_dawn(floor + shore, min(int(height * _DAWN), top - floor - shore))
        colour, width = self.stage.look.colour, self.stage.screen.width_px
        inks = {"line": colour.edge, "accent": colour.ground, "fill": colour.mark, "soft": colour.card}
        house = Picture(self.stage, view.picture, height, inks, role=semantics.IMAGE)
        house.pos = ((width - int(house.width)) // 2, floor + shore // 2)
        self.add_widget(house)

    def _paint_shore(self, floor: int, height: int) -> None:
        colour = self.stage.look.colour
        with self.canvas.before:
            Color(*mix(colour.bar, colour.track, 0.25), 1)
            Rectangle(pos=(0, floor), size=(self.stage.screen.width_px, height))

    def _paint_dawn(self, floor: int, height: int) -> None:
        """Behind everything: drawn before what is on the sheet, as wide as the screen."""
        colour, raster, width = self.stage.look.colour, self.stage.raster, self.stage.screen.width_px
        step = self.stage.look.mm(_STEP_MM)
        height = height // step * step
        inks = {"fill": colour.spoken, "soft": colour.bar}
        layers = [(ink, raster.ink("dawn", height, ink)) for ink in inks]
        scale = width / raster.width_for("dawn", height)
        with self.canvas.before:
            for ink, layer in layers:
                Color(*inks[ink], 1)
                stretched = scale if ink == "soft" else 1.0
                x = layer.x * scale
                Rectangle(texture=layer.texture, pos=(x, floor + layer.y), size=(layer.width * stretched, layer.height))
