"""Answers and service cards: BigButtons that arrange icon, words and hint."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.screens.compose import Choice
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Ev, Event
from kiosk.ui import ui_keys
from kiosk.ui.drawing.theme import ANSWER_MIN_MM, BODY, CARD_TITLE, ICON_MM, LIST_ICON_MM, TITLE
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.button import BigButton, Style, alarm, likely, plain, service
from kiosk.ui.widgets.text import Text

_PAD_MM = 6.0
_BETWEEN_MM = 5.0
_WITHOUT_HINT = 2
"""From this text size on a card has its name alone: the sentence is said, and stands on the next screen."""


class AnswerButton(BigButton):
    """Full width; the icon stands before the words. `aligned` sets all icons of a list under each other."""

    def __init__(
        self,
        stage: Stage,
        choice: Choice,
        width: int,
        fire: Callable[[], None],
        aligned: bool = False,
        ems: float = TITLE,
    ):
        super().__init__(stage, _style(stage, choice), choice.line, fire)
        self.is_likely, self.event = choice.likely, choice.event
        mm = stage.look.mm
        self._aligned = aligned
        self._icon = self.icon(choice.icon, mm(LIST_ICON_MM if aligned else ICON_MM)) if choice.icon else None
        taken = 2 * mm(_PAD_MM) + (int(self._icon.width) + mm(_BETWEEN_MM) if self._icon else 0)
        align = "left" if self._icon else "center"
        self._words = self.words(choice.line, width - taken, ems, True, align)
        content = max(self._words.height, self._icon.height if self._icon else 0)
        self.natural = int(max(content + mm(5), mm(ANSWER_MIN_MM)))
        self.width = width

    def settle(self, height: int) -> None:
        """Take this height and put the parts in its middle."""
        mm = self.stage.look.mm
        self.clear()
        self.height = height
        icon_width = int(self._icon.width) + mm(_BETWEEN_MM) if self._icon else 0
        left = (self.width - icon_width - int(self._words.width)) // 2
        if self._aligned and self._icon:
            left = mm(2 * _PAD_MM)
        if self._icon:
            self.put(self._icon, int(left), (height - self._sink - int(self._icon.height)) // 2)
        self.put(self._words, int(left) + icon_width, (height - self._sink - int(self._words.height)) // 2)
        self._arrange()


def _style(stage: Stage, choice: Choice) -> Style:
    return likely(stage.look.colour) if choice.likely else plain(stage.look.colour)


class ServiceCard(BigButton):
    """Icon and the villagers' name in one row, one plain sentence below it."""

    def __init__(self, stage: Stage, choice: Choice, width: int, fire: Callable[[], None]):
        super().__init__(stage, service(stage.look.colour), choice.line, fire)
        self.is_selected = choice.chosen
        self.event = choice.event
        mm = stage.look.mm
        self._pad, self._indent = mm(_PAD_MM), mm(ICON_MM + 4) if choice.icon else 0
        inner = width - 2 * self._pad
        self._icon = self.icon(choice.icon, mm(ICON_MM)) if choice.icon else None
        if self._icon is not None:
            self._icon.tint(stage.look.colour.edge)
        self._title = self.words(choice.line, inner - self._indent, CARD_TITLE, True, tight=True)
        self._hint: Text | None = None
        if choice.hint is not None and stage.look.size < _WITHOUT_HINT:
            colour = stage.look.colour.ink_soft
            shown = stage.show(choice.hint)
            self._hint = Text(stage, shown, width=inner, ems=BODY, colour=colour, line=choice.hint, tight=True)
        self.natural = int(self._content() + 2 * mm(3))
        self.width = width

    def _head(self) -> int:
        return max(int(self._icon.height) if self._icon else 0, int(self._title.height))

    def _content(self) -> int:
        return self._head() + (int(self._hint.height) if self._hint else 0)

    def settle(self, height: int) -> None:
        self.clear()
        self.height = height
        at = max((height - self._sink - self._content()) // 2, 0)
        head = self._head()
        if self._icon is not None:
            self.put(self._icon, self._pad, at + (head - int(self._icon.height)) // 2)
        self.put(self._title, self._pad + self._indent, at + (head - int(self._title.height)) // 2)
        if self._hint:
            self.put(self._hint, self._pad, at + head)
        self._arrange()


class RedBar(BigButton):
    """办不成: always there where somebody may be stuck. Filled only where no answer is likely.

    The hint is the first to go where space is short: the next screen says the same at length.
    """

    def __init__(self, stage: Stage, width: int, fire: Callable[[], None], filled: bool):
        title = Line(ui_keys.RED_BAR)
        super().__init__(stage, alarm(stage.look.colour, filled), title, fire)
        self.event = Event(Ev.CANNOT)
        mm = stage.look.mm
        self._pad = mm(2 * _PAD_MM)
        self._icon = self.icon("alert", mm(ICON_MM))
        inner = width - 2 * self._pad - int(self._icon.width) - mm(_BETWEEN_MM)
        self._title = self.words(title, inner, TITLE, True)
        self._hint: Text | None = None
        if filled and stage.look.size == 0:
            hint = Line(ui_keys.RED_BAR_HINT)
            self._hint = Text(stage, stage.show(hint), width=inner, colour=self.style.ink, line=hint)
        self.natural = max(self._words_height(), int(self._icon.height)) + mm(6)
        self.width = width

    def _words_height(self) -> int:
        return int(self._title.height) + (int(self._hint.height) if self._hint else 0)

    def settle(self, height: int) -> None:
        self.clear()
        self.height = height
        room = height - self._sink
        at = (room - self._words_height()) // 2
        left = self._pad + int(self._icon.width) + self.stage.look.mm(_BETWEEN_MM)
        self.put(self._icon, self._pad, (room - int(self._icon.height)) // 2)
        self.put(self._title, left, at)
        if self._hint:
            self.put(self._hint, left, at + int(self._title.height))
        self._arrange()
