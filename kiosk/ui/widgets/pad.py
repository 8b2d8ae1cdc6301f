"""Keys in rows: digits, the letters of a telephone, suggestions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kivy.uix.widget import Widget

from kiosk.domain.screens.compose import Choice
from kiosk.domain.visit.machine import Event
from kiosk.ui.drawing.theme import BODY, QUESTION
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.button import BigButton, likely, plain

PAD_KEY_MM = 32.0
LOW_KEY_MM = 22.0
"""Of a pad with many rows, and where a page would have to be turned: all of it stands beside what ends it."""
_MANY_ROWS = 4
_SIDE_MM = 3.0
_A_SIGN = 2
"""So many characters are a sign or a number, one more a month; whatever is longer is a word, in a word's letters."""


class PadKey(BigButton):
    """A large key with a few characters in its middle. Its words grow to where a row still fits, like the frame's."""

    def __init__(self, stage: Stage, choice: Choice, fire: Callable[[], None], width: int, low: bool = False):
        colour = stage.look.colour
        super().__init__(stage, likely(colour) if choice.likely else plain(colour), choice.line, fire)
        self.is_likely, self.event = choice.likely, choice.event
        shown = stage.show(choice.line)
        of_words = low or len(shown) > _A_SIGN + shown[:2].isdigit()
        room, ems = width - 2 * stage.look.mm(_SIDE_MM), stage.look.framed(BODY if of_words else QUESTION)
        self._words = self.words(choice.line, room, ems, True, "center", tight=True)
        least = stage.look.mm(LOW_KEY_MM if low else PAD_KEY_MM)
        self.natural = max(least, int(self._words.height) + self._sink + stage.look.mm(0 if low else 2))
        self.width = width

    def settle(self, height: int) -> None:
        self.clear()
        self.height = height
        left = (int(self.width) - int(self._words.width)) // 2
        self.put(self._words, left, (height - self._sink - int(self._words.height)) // 2)
        self._arrange()


class Pad(Widget):
    """Keys in rows. `settle` as the answers have it, so that it may stand in their place."""

    def __init__(
        self,
        stage: Stage,
        keys: Sequence[Choice],
        columns: int,
        width: int,
        gap: int,
        post: Callable[[Event], None],
        low: bool = False,
    ):
        """:param low: with low keys whatever the rows."""
        super().__init__(size_hint=(None, None))
        self._columns, self._gap = columns, gap
        key_width = (width - (columns - 1) * gap) // columns
        rows = (len(keys) + columns - 1) // columns
        low = low or rows > _MANY_ROWS
        self.buttons = [PadKey(stage, key, _poster(post, key.event), key_width, low) for key in keys]
        self._key_height = max(key.natural for key in self.buttons)
        self.natural = rows * self._key_height + (rows - 1) * gap
        self.size = (width, self.natural)
        for made in self.buttons:
            made.settle(self._key_height)
            self.add_widget(made)
        self.bind(pos=self._place)

    def settle(self, height: int) -> None:
        self._place()

    def _place(self, *_: object) -> None:
        for at, key in enumerate(self.buttons):
            row, column = divmod(at, self._columns)
            x = int(self.x) + column * (int(key.width) + self._gap)
            y = int(self.y) + int(self.height) - (row + 1) * self._key_height - row * self._gap
            key.pos = (x, y)


def _poster(post: Callable[[Event], None], event: Event) -> Callable[[], None]:
    return lambda: post(event)
