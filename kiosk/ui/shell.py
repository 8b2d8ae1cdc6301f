"""The root of the window: bars, the present screen, touches, keys, focus, and the tree for the observer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kivy.core.window import Window
from kivy.uix.widget import Widget

from kiosk.domain.timing import REFIRE_S, STAFF_REFIRE_S
from kiosk.domain.vendor_state import StaffEv
from kiosk.domain.vendor_view import tap
from kiosk.domain.vendor_view_parts import StaffView
from kiosk.domain.view import View
from kiosk.domain.visit import Access, Ev, Event, Overlay, Step, VisitState
from kiosk.ui import keypad, semantics
from kiosk.ui.corner import CornerHold
from kiosk.ui.keypad import Key
from kiosk.ui.press import PressRule
from kiosk.ui.router import TECHNICIAN, Router, bar_places, shown_name
from kiosk.ui.screens.base import Screen
from kiosk.ui.stage import Stage
from kiosk.ui.theme import Look
from kiosk.ui.widgets.bars import BottomBar, TopBar
from kiosk.ui.widgets.button import BigButton


class Shell(Widget):
    """`changed` is called whenever the tree differs from what was published last."""

    def __init__(self, stage: Stage, changed: Callable[[], None]):
        super().__init__(size_hint=(None, None), size=(stage.screen.width_px, stage.screen.height_px))
        self.stage = stage
        self._changed = changed
        self.router = Router(stage)
        self._rule: PressRule[BigButton] = PressRule(stage.screen.px_per_mm)
        self._held: set[int] = set()
        self._focus_at: int | None = None
        self._entered_at = float("-inf")
        self._shown: tuple[View, Look, object] | None = None
        self._clause: tuple[str | None, int] = (None, 0)
        self.screen: Screen = self.router.screen_for(stage.service.state, stage.service.view)
        self._corner = CornerHold(stage.screen.px_per_mm, stage.screen.height_px)
        self._build_bars(languages=True)
        self.show(stage.service.state, stage.service.view)

    # the screen

    def _build_bars(self, languages: bool) -> None:
        post = self.stage.service.post
        self.top_bar = TopBar(self.stage, post, languages)
        fires = {
            "leave": lambda: post(Event(Ev.LEAVE)),
            "back": lambda: post(Event(Ev.BACK)),
            "again": self.stage.service.say_again,
            "access": self._toggle_access,
            "call": self._call,
        }
        self.bottom_bar = BottomBar(self.stage, fires)

    def _toggle_access(self) -> None:
        open_now = self.stage.service.state.overlay is Overlay.ACCESS
        self.stage.service.post(Event(Ev.CLOSE if open_now else Ev.ACCESS))

    def _call(self) -> None:
        """The second touch of 叫人 calls: who asks twice has read enough."""
        on_help = self.stage.service.state.overlay is Overlay.HELP
        self.stage.service.post(Event(Ev.CALL if on_help else Ev.HELP))

    def show(self, state: VisitState, view: View) -> None:
        """Called after each change of the visit, in this thread."""
        stage = self.stage
        staff = isinstance(view, StaffView)
        access = Access() if staff else state.access
        look = Look(stage.screen, access.theme, access.size)
        waits = state.overlay is Overlay.ATTRACT
        shown = (view, look, (state.lang, staff or waits))
        if shown == self._shown:
            return
        self._drop_press()
        if state == VisitState():
            self.rest()
        new_frame = self._shown is None or self._shown[1:] != shown[1:]
        self._shown = shown
        stage.look, stage.lang = look, state.lang
        if new_frame:
            Window.clearcolor = (*look.colour.ground, 1)
            self._build_bars(languages=not staff and not waits)
        self._rule.refire_s = STAFF_REFIRE_S if staff else REFIRE_S
        self.screen.leave()
        self.screen = self.router.screen_for(state, view)
        self.bottom_bar.show(bar_places(state, view))
        self.clear_widgets()
        self.add_widget(self.top_bar)
        self.add_widget(self.screen)
        if not waits:
            self.add_widget(self.bottom_bar)
        floor = 0 if waits else int(self.bottom_bar.height)
        self.screen.render(view, floor, int(self.top_bar.y), self._on_page)
        self._clause = (None, 0)
        self._refocus()
        self._changed()

    def _on_page(self) -> None:
        self._drop_press()
        self.screen.light(*self._clause)
        self._refocus()
        self._changed()

    def light(self, key: str | None, index: int) -> None:
        """A clause begins, or silence (None)."""
        self._clause = (key, index)
        self.screen.light(key, index)

    # touch

    def buttons(self) -> list[BigButton]:
        """Everything that can be pressed, in reading order."""
        return [widget for widget in semantics.described(self) if isinstance(widget, BigButton)]

    def on_touch_down(self, touch: Any) -> bool:
        if getattr(touch, "button", None) not in (None, "left"):
            return True
        self.stage.service.touched()
        self._unfocus()
        x, y = self._place(touch)
        if self.screen.draw(touch.uid, x, y, begins=True):
            return True
        now = self.stage.clock.now()
        if self.stage.service.state.overlay is Overlay.ATTRACT:
            self._wake(now)
        boxes = [(button, button.box) for button in self.buttons()]
        button = self._rule.down(touch.uid, x, y, boxes, now)
        if button is not None:
            button.press(True)
            self.stage.on_press()
            self._changed()
        elif self._rule.target is None:
            self._extend()
            self._corner.down(touch.uid, x, y, now)
            self._on_target(touch)
        return True

    def _wake(self, now: float) -> None:
        """From the screen that waits to the first one, wherever it is touched; nothing there is pressed by it."""
        self._rule.wait(now)
        self.stage.service.post(Event(Ev.CLOSE))

    def _place(self, touch: Any) -> tuple[float, float]:
        """Where the finger really is, in pixels from the bottom left."""
        screen = self.stage.screen
        width, height = screen.width_px, screen.height_px
        x, y = screen.touch.true_place(touch.x / width, 1 - touch.y / height)
        return x * width, (1 - y) * height

    def _on_target(self, touch: Any) -> None:
        """A target of the touch calibration takes what the panel tells, uncorrected."""
        view, screen = self.stage.service.view, self.stage.screen
        if isinstance(view, StaffView) and view.tool == "target":
            told = (touch.x / screen.width_px, 1 - touch.y / screen.height_px)
            self.stage.service.post(tap(StaffEv.TOUCHED, told))

    def _extend(self) -> None:
        """While the idle warning shows, a touch anywhere says that somebody is there."""
        if self.stage.service.state.overlay is Overlay.IDLE:
            self.stage.service.post(Event(Ev.CLOSE))

    def on_touch_move(self, touch: Any) -> bool:
        target = self._rule.target
        if target is None and self.screen.draw(touch.uid, *self._place(touch), begins=False):
            self.stage.service.touched()
        if target is not None and self._rule.owns(touch.uid):
            inside = self._rule.holds(touch.uid, *self._place(touch))
            if inside != target.pressed:
                target.press(inside)
                self._changed()
        return True

    def on_touch_up(self, touch: Any) -> bool:
        if self.screen.lift(touch.uid):
            return True
        x, y = self._place(touch)
        now = self.stage.clock.now()
        button, fires = self._rule.up(touch.uid, x, y, now)
        if button is not None:
            self.stage.service.touched()
            button.press(False)
            self._changed()
            if fires:
                button.fire()
        elif self._corner.up(touch.uid, x, y, now) and self._at_the_door():
            self.stage.service.post(tap(StaffEv.ASK))
        return True

    def _at_the_door(self) -> bool:
        """Where no visit has begun: only there the corner means anything."""
        state = self.stage.service.state
        return state.step is Step.WELCOME and not state.case_no and state.overlay is Overlay.NONE

    def rest(self) -> None:
        """As after a visit: no finger, no key, no ring."""
        self._drop_press()
        self._unfocus()
        self._held.clear()

    def _drop_press(self) -> None:
        if self._rule.target is not None:
            self._rule.target.press(False)
        self._rule.cancel()

    # keys

    def on_key(self, _window: Any, code: int, _scan: int, _text: str, modifiers: list[str]) -> bool:
        """Every key is swallowed; only the keypad's mean something."""
        key = keypad.meaning(code, modifiers)
        if key is not None and code not in self._held:
            self._held.add(code)
            self.stage.service.touched()
            self._act(key)
        return True

    def on_key_up(self, _window: Any, code: int, *_rest: object) -> bool:
        self._held.discard(code)
        return True

    def _act(self, key: Key) -> None:
        service = self.stage.service
        overlay = service.state.overlay
        if overlay is Overlay.ATTRACT:
            self._wake(self.stage.clock.now())
        elif overlay is Overlay.IDLE and key is not Key.ENTER:
            service.post(Event(Ev.CLOSE))
        elif key is Key.ENTER:
            self._enter()
        elif key is Key.BACK:
            service.post(Event(Ev.BACK))
        elif key is Key.HELP:
            service.post(Event(Ev.HELP))
        elif key in (Key.LOUDER, Key.SOFTER):
            self._change_volume(1 if key is Key.LOUDER else -1)
        else:
            self._move(key)

    def _change_volume(self, steps: int) -> None:
        self.stage.service.post(Event(Ev.SETTING, self.stage.service.state.access.louder(steps)))

    def _enter(self) -> None:
        now = self.stage.clock.now()
        button = self._focused()
        if button is None:
            self._focus(self._first())
        elif now - self._entered_at >= keypad.REFIRE_S:
            self._entered_at = now
            button.fire()

    def _move(self, key: Key) -> None:
        if self._focus_at is None:
            self._focus(self._first())
            return
        boxes = [button.box for button in self.buttons()]
        self._focus(keypad.move(key, min(self._focus_at, len(boxes) - 1), boxes))

    def _focused(self) -> BigButton | None:
        buttons = self.buttons()
        return buttons[self._focus_at] if self._focus_at is not None and self._focus_at < len(buttons) else None

    def _first(self) -> int:
        """The likely answer, else the first button of the sheet."""
        buttons = self.buttons()
        on_sheet = [at for at, button in enumerate(buttons) if button.parent is self.screen]
        likely = [at for at in on_sheet if buttons[at].is_likely]
        return (likely or on_sheet or [0])[0]

    def _focus(self, at: int) -> None:
        old = self._focused()
        if old is not None:
            old.focus(False)
        self._focus_at = at
        new = self._focused()
        if new is not None:
            new.focus(True)
            if new.line is not None:
                self.stage.service.speak_line(new.line)
        self._changed()

    def _refocus(self) -> None:
        """A new screen in a visit by keypad: the focus waits on its first answer, without a word."""
        if self._focus_at is not None and self.buttons():
            self._focus_at = self._first()
            button = self._focused()
            if button is not None:
                button.focus(True)

    def _unfocus(self) -> None:
        button = self._focused()
        if button is not None:
            button.focus(False)
            self._changed()
        self._focus_at = None

    # the tree

    def tree(self, ready: bool) -> Mapping[str, object]:
        """What the observer gets; only what is on the screen."""
        state, view, screen = self.stage.service.state, self.stage.service.view, self.stage.screen
        staff = isinstance(view, StaffView)
        return {
            "step": TECHNICIAN if staff else state.step.value,
            "overlay": state.overlay.value,
            "screen": shown_name(state, view),
            "lang": state.lang.value,
            "nodes": semantics.nodes(self, screen.height_px),
            "width_px": screen.width_px,
            "height_px": screen.height_px,
            "px_per_mm": screen.px_per_mm,
            "page": [self.screen.page + 1, self.screen.page_count],
            "ready": ready,
        }
