"""What only technician mode shows: a pad of keys, a line to be measured, a target to be touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.domain.calibration import RULER_MM
from kiosk.domain.view import Choice
from kiosk.domain.visit import Event
from kiosk.ui import semantics
from kiosk.ui.stage import Stage
from kiosk.ui.theme import QUESTION, Rgb
from kiosk.ui.widgets.button import BigButton, likely, plain
from kiosk.ui.widgets.plate import Plate

PAD_KEY_MM = 32.0
_RULER_BOX_MM = 28.0
_TICK_MM = 16.0
_THIN_MM = 0.6
_TARGET_MM = (16.0, 10.0, 3.0)
"""Diameters of the rings: edge, ground, dot."""


class PadKey(BigButton):
    """A large key with one or two characters in its middle."""

    def __init__(self, stage: Stage, choice: Choice, fire: Callable[[], None], width: int, height: int):
        colour = stage.look.colour
        super().__init__(stage, likely(colour) if choice.likely else plain(colour), choice.line, fire)
        self.is_likely = choice.likely
        self.size = (width, height)
        words = self.words(choice.line, width - 2 * stage.look.mm(3), QUESTION, True, "center", tight=True)
        self.put(words, (width - int(words.width)) // 2, (height - self._sink - int(words.height)) // 2)


class Pad(Widget):
    """Keys in rows. `settle` as the answers have it, so that it may stand in their place."""

    def __init__(
        self, stage: Stage, keys: Sequence[Choice], columns: int, width: int, gap: int, post: Callable[[Event], None]
    ):
        super().__init__(size_hint=(None, None))
        self._columns, self._gap = columns, gap
        self._key_height = stage.look.mm(PAD_KEY_MM)
        key_width = (width - (columns - 1) * gap) // columns
        rows = (len(keys) + columns - 1) // columns
        self.natural = rows * self._key_height + (rows - 1) * gap
        self.size = (width, self.natural)
        self._keys = [PadKey(stage, key, _poster(post, key.event), key_width, self._key_height) for key in keys]
        for made in self._keys:
            self.add_widget(made)
        self.bind(pos=self._arrange)

    def settle(self, height: int) -> None:
        self._arrange()

    def _arrange(self, *_: object) -> None:
        for at, key in enumerate(self._keys):
            row, column = divmod(at, self._columns)
            x = int(self.x) + column * (int(key.width) + self._gap)
            y = int(self.y) + int(self.height) - (row + 1) * self._key_height - row * self._gap
            key.pos = (x, y)


def _poster(post: Callable[[Event], None], event: Event) -> Callable[[], None]:
    return lambda: post(event)


class Ruler(semantics.Described, Widget):
    """A line that is 100 mm from outer edge to outer edge on a panel of the size that is set."""

    def __init__(self, stage: Stage):
        mm = stage.look.mm
        super().__init__(size_hint=(None, None), size=(mm(RULER_MM), mm(_RULER_BOX_MM)))
        self.describe(semantics.IMAGE, "ruler", "picture.ruler")
        self._thin, self._tick = max(mm(_THIN_MM), 2), mm(_TICK_MM)
        with self.canvas:
            Color(*stage.look.colour.ink, 1)
            self._parts = [Rectangle() for _ in range(3)]
        self.bind(pos=self._arrange)

    def _arrange(self, *_: object) -> None:
        x, y, width = int(self.x), int(self.y), int(self.width)
        middle = y + int(self.height) // 2
        line, left, right = self._parts
        line.pos, line.size = (x, middle - self._thin // 2), (width, self._thin)
        left.pos, left.size = (x, middle - self._tick // 2), (self._thin, self._tick)
        right.pos, right.size = (x + width - self._thin, middle - self._tick // 2), (self._thin, self._tick)


class Target(semantics.Described, Widget):
    """A ring with a dot in its middle."""

    def __init__(self, stage: Stage):
        mm, colour = stage.look.mm, stage.look.colour
        side = mm(_TARGET_MM[0])
        super().__init__(size_hint=(None, None), size=(side, side))
        self.describe(semantics.IMAGE, "target", "picture.target")
        self._rings = []
        inks: tuple[Rgb, ...] = (colour.edge, colour.ground, colour.mark)
        for diameter_mm, ink in zip(_TARGET_MM, inks, strict=True):
            diameter = mm(diameter_mm)
            ring = Plate(stage.raster, diameter // 2, ink)
            self.canvas.add(ring)
            self._rings.append((ring, diameter))
        self.bind(pos=self._arrange)

    def _arrange(self, *_: object) -> None:
        for ring, diameter in self._rings:
            inset = (int(self.width) - diameter) // 2
            ring.place(int(self.x) + inset, int(self.y) + inset, diameter, diameter)
