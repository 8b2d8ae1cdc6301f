"""The voice's own row above the bar, at the same place on every screen: hold it, and 念给我选 or 就这个."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum, auto
from functools import partial

from kivy.uix.widget import Widget

from kiosk.domain.screens.compose import Choice
from kiosk.domain.speech import Line
from kiosk.domain.view.parts import Spotlight
from kiosk.domain.visit.machine import Ev, Event
from kiosk.ui import ui_keys
from kiosk.ui.service import press_spotlight
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.answers import AnswerButton

_GAP_MM = 4.0
_HEIGHT_MM = 30.0


class Voice(StrEnum):
    SILENT = auto()
    SPEAKS = auto()
    HELD = auto()


class VoiceRow(Widget):
    """:param hold: what a touch on the left key asks for."""

    def __init__(self, stage: Stage, hold: Callable[[], None]):
        mm = stage.look.mm
        super().__init__(size_hint=(None, None), width=stage.screen.width_px - 2 * mm(_GAP_MM))
        self._stage, self._gap = stage, mm(_GAP_MM)
        self._keys = {
            Voice.SPEAKS: self._key(Line(ui_keys.PAUSE), "pause", hold),
            Voice.HELD: self._key(Line(ui_keys.RESUME), "play", hold),
        }
        self._keys[Voice.SILENT] = self._keys[Voice.SPEAKS]
        self.height = max(mm(_HEIGHT_MM), *(key.natural for key in self._keys.values()))
        self._voice = Voice.SILENT
        self._spotlight: Spotlight | None = None
        self.button: AnswerButton | None = None
        """念给我选, or what takes the lit choice."""
        self._build()
        self.bind(pos=self._arrange)

    def _key(self, line: Line, icon: str, fire: Callable[[], None]) -> AnswerButton:
        """A third of the row."""
        choice = Choice(line, Event(Ev.AGAIN), icon=icon)
        width = (int(self.width) - self._gap) * 2 // 5
        key = AnswerButton(self._stage, choice, width, fire, ems=self._stage.look.framed())
        key.event = None
        return key

    @property
    def voice(self) -> Voice:
        return self._voice

    def show(self, spotlight: Spotlight | None) -> None:
        before, self._spotlight = self._spotlight, spotlight
        if _button_of(before) != _button_of(spotlight):
            self._build()

    def tell(self, voice: Voice) -> bool:
        """True when that was another one before."""
        if voice is self._voice:
            return False
        self._voice = voice
        self._build()
        return True

    def _build(self) -> None:
        self.clear_widgets()
        self.add_widget(self._keys[self._voice])
        old, self.button = self.button, self._choosing()
        if self.button is not None:
            if old is not None and old.focused:
                self.button.focus(True)
            self.add_widget(self.button)
        self._arrange()

    def _choosing(self) -> AnswerButton | None:
        spotlight = self._spotlight
        if spotlight is None:
            return None
        choice = spotlight.button
        width = int(self.width) - self._gap - int(self._keys[Voice.SPEAKS].width)
        shown = choice if choice.icon else Choice(choice.line, choice.event, choice.likely, icon="ear")
        press = partial(press_spotlight, self._stage.service, spotlight)
        return AnswerButton(self._stage, shown, width, press, ems=self._stage.look.framed())

    def _arrange(self, *_: object) -> None:
        x = int(self.x)
        for button in (self._keys[self._voice], self.button):
            if button is not None:
                button.settle(int(self.height))
                button.pos = (x, int(self.y))
                x += int(button.width) + self._gap


def _button_of(spotlight: Spotlight | None) -> Choice | None:
    """All that the row shows of it."""
    return None if spotlight is None else spotlight.button
