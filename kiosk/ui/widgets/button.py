"""The one button. It draws itself at rest, pressed, focused; the touch rule lives in `press`, once, for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.uix.widget import Widget

from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Event
from kiosk.ui import semantics
from kiosk.ui.drawing.theme import EDGE_MM, RADIUS_MM, SINK_MM, Rgb, Tokens, mix
from kiosk.ui.input.press import Box
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.picture import Picture
from kiosk.ui.widgets.plate import Frame, Lip, Plate
from kiosk.ui.widgets.text import Text

_DARKEN = 0.22
_RING_MM = 2.2
_RING_GAP_MM = 0.8
LIT_MM = 3.0
"""Width of the frame around what is being named."""


@dataclass(frozen=True, slots=True)
class Style:
    fill: Rgb
    ink: Rgb
    edge: Rgb
    accent: Rgb
    filled: bool = False


def likely(colour: Tokens) -> Style:
    return Style(colour.fill, colour.on_fill, colour.fill, colour.on_fill, filled=True)


def plain(colour: Tokens) -> Style:
    return Style(colour.card, colour.edge, colour.edge, colour.mark)


def service(colour: Tokens) -> Style:
    return Style(colour.card, colour.ink, colour.card_edge, colour.mark)


def alarm(colour: Tokens, filled: bool) -> Style:
    if filled:
        return Style(colour.alarm, colour.on_alarm, colour.alarm, colour.on_alarm, filled=True)
    return Style(colour.alarm_card, colour.alarm_ink, colour.alarm, colour.alarm_ink)


class BigButton(semantics.Described, Widget):
    """Subclasses fill `parts` by `put`; everything else is the same for every button.

    The box is laid out top down: `put(widget, dx, dy)` places a part `dy` below the upper edge.
    """

    def __init__(self, stage: Stage, style: Style, line: Line | None, fire: Callable[[], None], name: str = ""):
        super().__init__(size_hint=(None, None))
        self.stage, self.style, self.line, self.fire = stage, style, line, fire
        shown = stage.show(line) if line else name
        self.describe(semantics.BUTTON, shown, line.key if line else "", stage.spoken(line) if line else shown)
        self.is_likely = False
        self.is_selected = False
        self.pressed = False
        self.focused = False
        self.lit = False
        self.event: Event | None = None
        """What it posts, where it is a target of the visit (`kiosk.domain.visit.navigation`)."""
        self._parts: list[tuple[Any, int, int]] = []
        self._around: list[tuple[Plate, int]] = []
        look = stage.look
        self._sink = look.mm(SINK_MM)
        radius = look.mm(RADIUS_MM)
        edge = max(look.mm(EDGE_MM), 2)
        self._lip = Lip(stage.raster, radius, self._lip_colour(), self._sink)
        self._frame = Frame(stage.raster, radius, edge, style.edge, style.fill)
        self.canvas.add(self._lip)
        self._frame.add_to(self.canvas)
        self.bind(pos=self._arrange)

    def _lip_colour(self) -> Rgb:
        return mix(self.style.edge, self.stage.look.colour.press, 0.35)

    def put(self, widget: Any, dx: int, dy: int) -> None:
        self._parts.append((widget, dx, dy))
        self.add_widget(widget)

    def clear(self) -> None:
        self._parts.clear()
        self.clear_widgets()

    @property
    def box(self) -> Box:
        return Box(self.x, self.y, self.width, self.height)

    def states(self) -> list[str]:
        names = (
            ("likely", self.is_likely),
            ("filled", self.style.filled),
            ("selected", self.is_selected),
            ("pressed", self.pressed),
            ("focused", self.focused),
            ("lit", self.lit),
        )
        return [name for name, on in names if on]

    def press(self, on: bool) -> None:
        """Darken and sink at once, or rise again."""
        if on == self.pressed:
            return
        self.pressed = on
        share = _DARKEN if on else 0.0
        toward = self.stage.look.colour.press
        fill = mix(self.stage.look.colour.spoken if self.lit else self.style.fill, toward, share)
        edge = mix(self.style.edge, toward, share)
        self._frame.tint(fill if self.style.filled else edge, fill)
        self._arrange()

    def light(self, on: bool) -> None:
        """It is being named: a wide frame makes it larger, and its ground is that of a clause that is said."""
        if on == self.lit:
            return
        self.lit = on
        colour = self.stage.look.colour
        self._frame.tint(colour.mark if on else self.style.edge, colour.spoken if on else self.style.fill)
        self._surround()

    def focus(self, on: bool) -> None:
        if on == self.focused:
            return
        self.focused = on
        self._surround()

    def _surround(self) -> None:
        """What lies around the button: the halo of the lit one under the ring of the keys. Made when it is seen, for
        most buttons are never lit nor reached by keys.
        """
        mm, colour = self.stage.look.mm, self.stage.look.colour
        wanted = [(LIT_MM, colour.mark)] if self.lit else []
        if self.focused:
            wanted += [(_RING_GAP_MM + _RING_MM, colour.focus), (_RING_GAP_MM, colour.ground)]
        self.canvas.before.clear()
        raster, radius = self.stage.raster, mm(RADIUS_MM)
        self._around = [(Plate(raster, radius + mm(grow_mm), ink), mm(grow_mm)) for grow_mm, ink in wanted]
        for plate, _ in self._around:
            self.canvas.before.add(plate)
        self._arrange_around()

    def _arrange_around(self) -> None:
        for plate, grow in self._around:
            left, bottom = int(self.x) - grow, int(self.y) - grow
            plate.place(left, bottom, int(self.width) + 2 * grow, int(self.height) + 2 * grow)

    def _arrange(self, *_: object) -> None:
        x, y, width, height = int(self.x), int(self.y), int(self.width), int(self.height)
        down = self._sink if self.pressed else 0
        self._arrange_around()
        # The lip is what the button sinks onto: it lies inside the box, so the box never moves.
        self._lip.place(x, y, width, height - self._sink)
        self._frame.place(x, y + self._sink - down, width, height - self._sink)
        for part, dx, dy in self._parts:
            part.pos = (x + dx, y + height - dy - int(part.height) - down)

    def icon(self, name: str, height: int) -> Picture:
        style = self.style
        return Picture(
            self.stage, name, height, {"line": style.ink, "accent": style.accent, "fill": style.ink, "soft": style.fill}
        )

    def words(self, line: Line, width: int, ems: float, bold: bool, align: str = "left", tight: bool = False) -> Text:
        """Words inside a button; they have no node of their own: the button's name says them."""
        return Text(
            self.stage,
            self.stage.show(line),
            width=width,
            ems=ems,
            bold=bold,
            align=align,
            colour=self.style.ink,
            line=line,
            role="",
            tight=tight,
        )
