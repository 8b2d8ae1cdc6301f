"""What fingers do on the shell: one press at a time, by the one touch rule; in exploring the first touch only names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from kiosk.domain.technician.state import StaffEv
from kiosk.domain.technician.view import tap
from kiosk.domain.technician.view_parts import StaffView
from kiosk.domain.timing import REFIRE_S, STAFF_REFIRE_S
from kiosk.domain.visit.machine import Ev, Event, Overlay, Step
from kiosk.ui.input.corner import CornerHold
from kiosk.ui.input.press import PressRule
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.button import BigButton


class Panel(Protocol):
    """What fingers meet."""

    def buttons(self) -> list[BigButton]: ...

    def name(self, button: BigButton) -> None:
        """Say what it is, and show that it is meant."""

    def is_choice(self, button: BigButton) -> bool:
        """True for what the screen itself offers, false for the frame around it."""


class Fingers:
    def __init__(self, stage: Stage, panel: Panel, changed: Callable[[], None]):
        self._stage, self._panel, self._changed = stage, panel, changed
        self._rule: PressRule[BigButton] = PressRule(stage.screen.px_per_mm)
        self._corner = CornerHold(stage.screen.px_per_mm, stage.screen.height_px)
        self._named: BigButton | None = None
        """In exploring: what the last touch named."""

    def fit(self, staff: bool) -> None:
        self._rule.refire_s = STAFF_REFIRE_S if staff else REFIRE_S

    @property
    def busy(self) -> bool:
        """A button is held."""
        return self._rule.target is not None

    def wait(self) -> None:
        """For a moment no press is taken."""
        self._rule.wait(self._stage.clock.now())

    def down(self, touch: Any) -> None:
        x, y = self.place(touch)
        now = self._stage.clock.now()
        boxes = [(button, button.box) for button in self._panel.buttons()]
        button = self._rule.down(touch.uid, x, y, boxes, now)
        if button is not None:
            button.press(True)
            self._stage.on_press()
            self._changed()
        elif self._rule.target is None:
            self._extend()
            self._corner.down(touch.uid, x, y, now)
            self._on_target(touch)

    def move(self, touch: Any) -> None:
        target = self._rule.target
        if target is not None and self._rule.owns(touch.uid):
            inside = self._rule.holds(touch.uid, *self.place(touch))
            if inside != target.pressed:
                target.press(inside)
                self._changed()

    def up(self, touch: Any) -> None:
        x, y = self.place(touch)
        now = self._stage.clock.now()
        button, fires = self._rule.up(touch.uid, x, y, now)
        if button is not None:
            self._stage.service.touched()
            button.press(False)
            self._changed()
            if fires:
                self._fire(button)
        elif self._corner.up(touch.uid, x, y, now) and self._at_the_door():
            self._stage.service.post(tap(StaffEv.ASK))

    def _fire(self, button: BigButton) -> None:
        service = self._stage.service
        if service.state.access.explore and button is not self._named and self._panel.is_choice(button):
            self._named = button
            self._panel.name(button)
            return
        spotlight = service.view.spotlight
        if spotlight is not None and spotlight.on and self._panel.is_choice(button):
            # Who touches an answer itself needs no naming any more.
            service.post(Event(Ev.EAR_OFF))
        button.fire()

    def drop(self) -> None:
        """The screen has gone: a press on it fires nothing."""
        if self._rule.target is not None:
            self._rule.target.press(False)
        self._rule.cancel()
        self._named = None

    def place(self, touch: Any) -> tuple[float, float]:
        """Where the finger really is, in pixels from the bottom left."""
        screen = self._stage.screen
        width, height = screen.width_px, screen.height_px
        x, y = screen.touch.true_place(touch.x / width, 1 - touch.y / height)
        return x * width, (1 - y) * height

    def _on_target(self, touch: Any) -> None:
        """A target of the touch calibration takes what the panel tells, uncorrected."""
        view, screen = self._stage.service.view, self._stage.screen
        if isinstance(view, StaffView) and view.tool == "target":
            told = (touch.x / screen.width_px, 1 - touch.y / screen.height_px)
            self._stage.service.post(tap(StaffEv.TOUCHED, told))

    def _extend(self) -> None:
        """While the idle warning shows, a touch anywhere says that somebody is there."""
        if self._stage.service.state.overlay is Overlay.IDLE:
            self._stage.service.post(Event(Ev.CLOSE))

    def _at_the_door(self) -> bool:
        """Where no visit has begun: only there the corner means anything."""
        state = self._stage.service.state
        return state.step is Step.WELCOME and not state.case_no and state.overlay is Overlay.NONE
