"""The one way to put words on the screen: fallback font by runs, our own line breaks, the spoken clause lit."""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import Any

from kivy.core.text import Label as CoreLabel
from kivy.core.text import LabelBase
from kivy.core.text.markup import MarkupLabel
from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget
from kivy.utils import escape_markup

from kiosk.domain.speech import Line
from kiosk.ui import semantics
from kiosk.ui.drawing.fonts import Fonts
from kiosk.ui.drawing.text_layout import Row, rows, spans
from kiosk.ui.drawing.theme import LINE, Rgb
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.fill import Area, Ground

_NATURAL_LINE = 1.448
"""Line height of Noto Sans CJK in ems, which Kivy multiplies."""


def register(fonts: Fonts) -> None:
    """Make the built faces known, also as Kivy's default, so that no stray label can show boxes."""
    for name, face in (("Roboto", fonts.main), (fonts.main.name, fonts.main), (fonts.second.name, fonts.second)):
        LabelBase.register(name, fn_regular=face.regular, fn_bold=face.bold)
    _measure_run.cache_clear()
    _texture.cache_clear()
    _widths.clear()


@lru_cache(maxsize=8192)
def _measure_run(text: str, font: str, size_px: int, bold: bool) -> float:
    label = CoreLabel(font_name=font, font_size=size_px, bold=bold)
    label.resolve_font_name()
    return float(label.get_extents(text)[0])


_widths: dict[tuple[str, int, bool], float] = {}
"""By character, size and weight, in the registered faces: rows are found character by character. Never of more than
one: nobody's name is kept here.
"""
_MOST_WIDTHS = 16384


def measure(fonts: Fonts, text: str, size_px: int, bold: bool) -> float:
    known = _widths.get((text, size_px, bold))
    if known is None:
        known = sum(_measure_run(run, name, size_px, bold) for name, run in fonts.runs(text))
        if len(text) == 1 and len(_widths) < _MOST_WIDTHS:
            _widths[text, size_px, bold] = known
    return known


@lru_cache(maxsize=256)
def _texture(markup: str, size_px: int, bold: bool, align: str, font: str) -> Any:
    """White words on nothing, as large as they are."""
    label = MarkupLabel(
        text=markup, font_size=size_px, font_name=font, bold=bold, halign=align, line_height=LINE / _NATURAL_LINE
    )
    label.refresh()
    texture = label.texture
    if texture is not None:
        texture.min_filter = texture.mag_filter = "nearest"
    return texture


def to_markup(fonts: Fonts, text: str) -> str:
    """Everything from outside is escaped; runs of another face are wrapped."""
    parts = []
    for name, run in fonts.runs(text):
        shown = escape_markup(run)
        parts.append(shown if name == fonts.main.name else f"[font={name}]{shown}[/font]")
    return "".join(parts)


class Text(semantics.Described, Widget):
    """Words in a box as high as they need and at most `width` wide.

    :param ems: font size in ems of the chosen text size.
    """

    def __init__(
        self,
        stage: Stage,
        text: str,
        *,
        width: int,
        ems: float = 1.0,
        bold: bool = False,
        colour: Rgb | None = None,
        align: str = "left",
        line: Line | None = None,
        role: str = semantics.TEXT,
        key: str = "",
        tight: bool = False,
    ):
        super().__init__(size_hint=(None, None))
        self.stage, self.text, self.align = stage, text, align
        self.font_px, self.bold = stage.look.em(ems), bold
        self.available, self.tight = width, tight
        self._clauses = spans(text, stage.clauses(line)) if line else []
        pauses = {end for _, end in self._clauses}
        self.rows = rows(text, self._width_of, width, pauses, tight, stage.words.inside(text))
        # The face keeps room above for stacked marks; the box leaves it out, so that Han ink stands in its middle.
        widest = ceil(max(row.width for row in self.rows))
        self.size = (widest, round(self.font_px * LINE * len(self.rows)))
        self.colour = colour or stage.look.colour.ink
        if role:
            self.describe(role, text, line.key if line else key, stage.spoken(line) if line else text)
        self._lit: int | None = None
        self._rectangle: Rectangle | None = None

    def _width_of(self, text: str) -> float:
        return measure(self.stage.fonts, text, self.font_px, self.bold)

    def on_parent(self, _widget: Any, parent: Any) -> None:
        """Its pixels are drawn when it first stands somewhere: many are only measured, and never seen."""
        if parent is not None and self._rectangle is None:
            self._draw()
            self.bind(pos=self._follow)

    def _draw(self) -> None:
        fonts = self.stage.fonts
        markup = "\n".join(to_markup(fonts, self.text[row.start : row.end]) for row in self.rows)
        texture = _texture(markup, self.font_px, self.bold, self.align, fonts.main.name)
        drawn = texture.size if texture is not None else (0, 0)
        with self.canvas:
            Color(*self.colour, 1)
            self._rectangle = Rectangle(texture=texture, size=drawn, pos=self.pos)

    def _follow(self, *_: object) -> None:
        if self._rectangle is not None:
            self._rectangle.pos = self.pos

    # the clause that is being said

    def highlight(self, index: int | None) -> None:
        """Light clause `index`; None = nothing."""
        if index == self._lit:
            return
        self._lit = index
        self.canvas.before.clear()
        if index is None or not self._clauses:
            return
        start, end = self._clauses[min(index, len(self._clauses) - 1)]
        parts = ((at, row, max(start, row.start), min(end, row.end)) for at, row in enumerate(self.rows))
        bands = (self._band(*part) for part in parts if part[2] < part[3])
        self.canvas.before.add(Ground(self.stage.look.colour.spoken, *bands))

    def _band(self, at: int, row: Row, start: int, end: int) -> Area:
        pad = self.font_px // 10
        shift = (self.width - row.width) / 2 if self.align == "center" else 0
        left = self.x + shift + self._width_of(self.text[row.start : start]) - pad
        width = self._width_of(self.text[start:end]) + 2 * pad
        height = self.height / len(self.rows)
        bottom = self.y + self.height - (at + 1) * height
        return (round(left), round(bottom), round(left + width), round(bottom + height))

    def fits(self) -> bool:
        """True when no row is wider than what there was."""
        return max((row.width for row in self.rows), default=0) <= self.available
