"""The root of the window: bars, the present screen, touches, keys, and the tree for the observer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kivy.core.window import Window
from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.domain.screens.compose import Choice, View
from kiosk.domain.technician.view_parts import StaffView
from kiosk.domain.visit.machine import Access, Ev, Event, Overlay, Step, VisitState
from kiosk.ui import semantics
from kiosk.ui.drawing.theme import Look
from kiosk.ui.input import keypad
from kiosk.ui.input.fingers import Fingers
from kiosk.ui.input.focus import Focus
from kiosk.ui.input.reach import Band, band
from kiosk.ui.router import Router, bar_events, shown_name
from kiosk.ui.screens.base import Screen
from kiosk.ui.screens.table import TECHNICIAN
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.bars import PLACES, BottomBar, TopBar
from kiosk.ui.widgets.button import BigButton
from kiosk.ui.widgets.voice_row import Voice, VoiceRow


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the screen."""

    staff: bool = False
    """Technician mode has one language and no voice."""
    waits: bool = False
    """Nobody is here: nothing can be pressed."""


class Shell(Widget):
    """`changed` is called whenever the tree differs from what was published last."""

    def __init__(self, stage: Stage, changed: Callable[[], None]):
        super().__init__(size_hint=(None, None), size=(stage.screen.width_px, stage.screen.height_px))
        self.stage = stage
        self._changed = changed
        self.router = Router(stage)
        self._fingers = Fingers(stage, self, changed)
        self._keys = Focus(stage, self, changed)
        self._held: set[int] = set()
        self._shown: tuple[View, Look, object] | None = None
        self._clause: tuple[str | None, int] = (None, 0)
        self._lit: BigButton | None = None
        self._dark = _dark(stage)
        self._frame: tuple[object, ...] = ()
        self.screen: Screen = self.router.screen_for(stage.service.state, stage.service.view)
        self._band = band(stage.screen, low_reach=False)
        self.show(stage.service.state, stage.service.view)

    # the screen

    def _build_bars(self, kind: Frame) -> None:
        post = self.stage.service.post
        self.top_bar = TopBar(self.stage, post, not kind.staff and not kind.waits, self._band.top)
        self.voice_row = None if kind.staff else VoiceRow(self.stage, self._hold)
        fires = {place.name: _poster(self, place.name) for place in PLACES}
        self.bottom_bar = BottomBar(self.stage, fires, self.voice_row, self._band.bottom)

    def fire_place(self, place: str) -> None:
        """A place of the bar posts what it means on the present screen."""
        service = self.stage.service
        event = bar_events(service.state, service.view).get(place)
        if event is not None:
            service.post(event)

    def _hold(self) -> None:
        """Hold what is said, and go on there; where nothing is said it is said again."""
        service, row = self.stage.service, self.voice_row
        if row is None or row.voice is Voice.SILENT:
            service.post(Event(Ev.AGAIN))
            return
        held = row.voice is Voice.SPEAKS
        row.tell(Voice.HELD if held else Voice.SPEAKS)
        service.pause_speech(held)
        self._changed()

    def show(self, state: VisitState, view: View) -> None:
        """Called after each change of the visit, in this thread."""
        stage = self.stage
        staff = isinstance(view, StaffView)
        access = Access() if staff else state.access
        look = Look(stage.screen, access.theme, access.size)
        reach = band(stage.screen, access.low_reach)
        # What is lit changes nothing but the light, and the button that takes it.
        still = replace(view, say=(), spotlight=None)
        by_ear = view.spotlight is not None and view.spotlight.on
        waits = state.overlay is Overlay.ATTRACT
        shown = (still, look, (state.lang, staff, reach, access.screen_off, by_ear))
        if shown != self._shown:
            self._draw(state, view, look, reach, Frame(staff, waits))
            self._shown = shown
        self._spot(view)

    def _draw(self, state: VisitState, view: View, look: Look, reach: Band, kind: Frame) -> None:
        stage = self.stage
        self._fingers.drop()
        if state == VisitState():
            self.rest()
        frame = (look, state.lang, reach, kind)
        if frame != self._frame:
            self._frame = frame
            stage.look, stage.lang, self._band = look, state.lang, reach
            Window.clearcolor = (*look.colour.ground, 1)
            self._build_bars(kind)
        self._fingers.fit(kind.staff)
        self.screen.rest()
        if state.step is Step.WIPE or state == VisitState():
            self.router.forget()
        self.screen = self.router.screen_for(state, view)
        self.bottom_bar.show(bar_events(state, view))
        self.clear_widgets()
        self.add_widget(self.top_bar)
        self.add_widget(self.screen)
        if not kind.waits:
            self.add_widget(self.bottom_bar)
        self._lit = None
        bottom = 0 if kind.waits else int(self.bottom_bar.y + self.bottom_bar.height)
        top = int(self.top_bar.y)
        self.screen.render(view, bottom, top, self._on_page, reach.above)
        if not kind.staff and state.access.screen_off:
            self.add_widget(self._dark)
        self._clause = (None, 0)
        self._keys.again()
        self._changed()

    def _spot(self, view: View) -> None:
        """Light what is being named, on whichever page it stands."""
        if self.voice_row is not None:
            self.voice_row.show(view.spotlight)
        wanted = view.spotlight.lit if view.spotlight else None
        if wanted is not None:
            page = self.screen.page_with(wanted)
            if page != self.screen.page:
                self.screen.turn(page - self.screen.page)
        if self._lit is not None:
            self._lit.light(False)
        self._lit = None if wanted is None else next(filter(_is_of(wanted), self.buttons()), None)
        if self._lit is not None:
            self._lit.light(True)
        self._changed()

    def _on_page(self) -> None:
        self._fingers.drop()
        self._lit = None
        self.screen.light(*self._clause)
        self._keys.again()
        self._changed()

    def light(self, key: str | None, index: int) -> None:
        """A clause begins, or silence (None)."""
        self._clause = (key, index)
        self.screen.light(key, index)
        if self.voice_row is not None and self.voice_row.tell(Voice.SILENT if key is None else Voice.SPEAKS):
            self._changed()

    def buttons(self) -> list[BigButton]:
        """Everything that can be pressed, in reading order."""
        return [widget for widget in semantics.described(self) if isinstance(widget, BigButton)]

    def is_choice(self, button: BigButton) -> bool:
        return any(button is own for own in semantics.described(self.screen))

    def name(self, button: BigButton) -> None:
        """In exploring: the ring and the voice of the keypad, by a finger."""
        self._keys.to(self.buttons().index(button))

    def act_for_reader(self, act: str, screen: str, key: str, nth: int) -> None:
        """A screen reader's press or focus; one that was meant for a screen that has gone does nothing.

        :param nth: which of the buttons with that key.
        """
        service = self.stage.service
        buttons = [button for button in self.buttons() if button.key == key]
        if shown_name(service.state, service.view) != screen or not 0 <= nth < len(buttons):
            return
        service.touched()
        if act == "press":
            buttons[nth].fire()
        elif act == "focus":
            self.name(buttons[nth])

    def rest(self) -> None:
        """As after a visit: no finger, no key, no ring."""
        self._fingers.drop()
        self._keys.drop()
        self._held.clear()

    # touches and keys

    def on_touch_down(self, touch: Any) -> bool:
        if getattr(touch, "button", None) not in (None, "left"):
            return True
        self.stage.service.touched()
        self._keys.drop()
        if self._dark.parent is not None:
            # Whoever touches the dark screen wants to see it; nothing is chosen unseen.
            access = self.stage.service.state.access
            self.stage.service.post(Event(Ev.SETTING, replace(access, screen_off=False)))
            return True
        if self.stage.service.state.overlay is Overlay.ATTRACT:
            self._wake()
        if not self.screen.draw(touch.uid, *self._fingers.place(touch), begins=True):
            self._fingers.down(touch)
        return True

    def _wake(self) -> None:
        """From the screen that waits to the first one, wherever it is touched; nothing there is pressed by it."""
        self._fingers.wait()
        self.stage.service.post(Event(Ev.CLOSE))

    def on_touch_move(self, touch: Any) -> bool:
        if not self._fingers.busy and self.screen.draw(touch.uid, *self._fingers.place(touch), begins=False):
            self.stage.service.touched()
        self._fingers.move(touch)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        if not self.screen.lift(touch.uid):
            self._fingers.up(touch)
        return True

    def on_key(self, _window: Any, code: int, _scan: int, _text: str, modifiers: list[str]) -> bool:
        """Every key is swallowed; only the keypad's mean something."""
        key = keypad.meaning(code, modifiers)
        if key is not None and code not in self._held:
            self._held.add(code)
            self.stage.service.touched()
            if self.stage.service.state.overlay is Overlay.ATTRACT:
                self._wake()
            else:
                self._keys.act(key)
        return True

    def on_key_up(self, _window: Any, code: int, *_rest: object) -> bool:
        self._held.discard(code)
        return True

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


def _is_of(choice: Choice) -> Callable[[BigButton], bool]:
    """Whether a button is that choice: it has its words and posts what it posts."""
    return lambda button: button.event == choice.event and button.key == choice.line.key


def _poster(shell: Shell, place: str) -> Callable[[], None]:
    return lambda: shell.fire_place(place)


def _dark(stage: Stage) -> Widget:
    """Over everything: black, and alive underneath."""
    cover = Widget(size_hint=(None, None), size=(stage.screen.width_px, stage.screen.height_px))
    with cover.canvas:
        Color(0, 0, 0, 1)
        Rectangle(size=cover.size)
    return cover
