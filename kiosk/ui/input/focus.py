"""What the keypad does on the shell: where the focus is, what is said of it, and one key alone for choosing by ear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kiosk.domain.speech import Line
from kiosk.domain.visit import navigation
from kiosk.domain.visit.machine import Ev, Event, Overlay
from kiosk.ui.input import keypad
from kiosk.ui.input.keypad import Key
from kiosk.ui.service import press_spotlight
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.button import BigButton


class Panel(Protocol):
    """What keys walk over."""

    def buttons(self) -> list[BigButton]: ...

    def is_choice(self, button: BigButton) -> bool: ...


class Focus:
    def __init__(self, stage: Stage, panel: Panel, changed: Callable[[], None]):
        self._stage, self._panel, self._changed = stage, panel, changed
        self._at: int | None = None
        self._entered_at_s = float("-inf")

    def act(self, key: Key) -> None:
        service = self._stage.service
        if service.state.overlay is Overlay.IDLE and (key is not Key.ENTER or self._has_nothing()):
            service.post(Event(Ev.CLOSE))
        elif key is Key.ENTER:
            self._enter()
        elif key is Key.BACK:
            service.post(Event(Ev.BACK))
        elif key is Key.HELP:
            service.post(Event(Ev.HELP))
        elif key in (Key.LOUDER, Key.SOFTER):
            service.post(Event(Ev.SETTING, service.state.access.louder(1 if key is Key.LOUDER else -1)))
        else:
            self._move(key)

    def _has_nothing(self) -> bool:
        """No key has chosen anything, and nothing is lit."""
        spotlight = self._stage.service.view.spotlight
        return self._at is None and (spotlight is None or spotlight.lit is None)

    def _enter(self) -> None:
        now_s = self._stage.clock.now()
        if now_s - self._entered_at_s < keypad.REFIRE_S:
            return
        self._entered_at_s = now_s
        button, spotlight = self._focused(), self._stage.service.view.spotlight
        if button is not None:
            button.fire()
        elif spotlight is not None:
            # One key is enough: it has the choices named, and takes the one that is lit.
            press_spotlight(self._stage.service, spotlight)
        else:
            self.to(self._first())

    def _move(self, key: Key) -> None:
        spotlight = self._stage.service.view.spotlight
        if spotlight is not None and spotlight.on:
            # Who has more keys than one walks by himself.
            self._stage.service.post(Event(Ev.EAR_OFF))
        if self._at is None:
            self.to(self._first())
            return
        boxes = [button.box for button in self._panel.buttons()]
        self.to(keypad.move(key, min(self._at, len(boxes) - 1), boxes))

    def _focused(self) -> BigButton | None:
        buttons = self._panel.buttons()
        return buttons[self._at] if self._at is not None and self._at < len(buttons) else None

    def _first(self) -> int:
        """The likely answer, else the first button of the sheet."""
        buttons = self._panel.buttons()
        own = [at for at, button in enumerate(buttons) if self._panel.is_choice(button)]
        likely = [at for at in own if buttons[at].is_likely]
        return (likely or own or [0])[0]

    def to(self, at: int) -> None:
        """The focus goes there; what it is and which of how many is said."""
        old = self._focused()
        if old is not None:
            old.focus(False)
        self._at = at
        new = self._focused()
        if new is not None:
            new.focus(True)
            if new.line is not None:
                self._stage.service.speak_line(new.line, self._place_line(new))
        self._changed()

    def _place_line(self, button: BigButton) -> Line:
        is_choice = self._panel.is_choice
        group = [other for other in self._panel.buttons() if is_choice(other) is is_choice(button)]
        return navigation.placed(group.index(button) + 1, len(group))

    def again(self) -> None:
        """A new screen in a visit by keypad: the focus waits on its first answer, without a word.

        On a dark screen it would not be seen: there a key first says where it is.
        """
        if self._stage.service.state.access.screen_off:
            self._at = None
        if self._at is not None and self._panel.buttons():
            self._at = self._first()
            button = self._focused()
            if button is not None:
                button.focus(True)

    def drop(self) -> None:
        button = self._focused()
        if button is not None:
            button.focus(False)
            self._changed()
        self._at = None
