"""A shell in a window, fed by the visit, published to the observer after each frame."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock as KivyClock

from kiosk.domain.ports import Clock, Words
from kiosk.domain.technician.calibration import Calibration
from kiosk.ui.ahead import draw_ahead
from kiosk.ui.drawing import dirty_region, fonts
from kiosk.ui.drawing.raster import Raster
from kiosk.ui.drawing.theme import Look, ScreenConfig, calibrated
from kiosk.ui.input import keypad
from kiosk.ui.semantics import TreeSink
from kiosk.ui.service import Service
from kiosk.ui.shell import Shell
from kiosk.ui.stage import Stage
from kiosk.ui.toolkit import clock_sdl
from kiosk.ui.toolkit.post import ui_post
from kiosk.ui.widgets.text import register
from kiosk.ui.window import Guard

log = logging.getLogger(__name__)

BEAT_S = 2.0
SIZE_STAYS_S = 1.0


class Live:
    def __init__(
        self,
        pane: Any,
        service: Service,
        words: Words,
        screen: ScreenConfig,
        clock: Clock,
        observer: TreeSink | None,
        place: str,
        on_press: Callable[[], None] | None = None,
    ):
        self.pane, self.observer = pane, observer
        self._factory = screen
        screen = calibrated(screen, service.calibration)
        self._ready = False
        self._stale = True
        self._region: dirty_region.DirtyRegion | None = None
        self._drawn: Mapping[str, object] = {}
        self._on_ready: Callable[[], None] = lambda: None
        built = Path(screen.font_dir) if screen.font_dir else fonts.default_dir()
        loaded = fonts.load(built)
        register(loaded)
        assets = Path(screen.assets_dir) if screen.assets_dir else Path(__file__).resolve().parents[2] / "assets"
        self.is_resized = False
        """The panel is no longer of the size that this screen was fitted to."""
        self.stage = Stage(
            screen=screen,
            look=Look(screen),
            lang=service.state.lang,
            fonts=loaded,
            raster=Raster(assets / "icons", built / "drawings"),
            words=words,
            service=service,
            clock=clock,
            place=place,
        )
        if on_press is not None:
            self.stage.on_press = on_press
        self.shell = Shell(self.stage, self.mark_stale)
        self._publish = KivyClock.create_trigger(self._publish_now, 0)
        service.set_dispatcher(ui_post)
        service.subscribe(lambda state, view: self.shell.show(state, view))
        service.on_clause(lambda key, index: self.shell.light(key, index))
        service.on_calibration(self._calibrate)
        service.on_sight(lambda: self.shell.screen.see())

    def _calibrate(self, measured: Calibration) -> None:
        """At once: another touch correction needs nothing, another size of the panel a new shell."""
        stage, screen = self.stage, calibrated(self._factory, measured)
        before, stage.screen = stage.screen, screen
        if before.diagonal_inch == screen.diagonal_inch:
            return
        stage.look = Look(screen, stage.look.theme, stage.look.size)
        attached = self.shell.parent is not None
        if attached:
            self.detach()
        self.shell = Shell(stage, self.mark_stale)
        if attached:
            self.attach()
        self.mark_stale()

    def attach(self) -> None:
        """Into the window; from here on touches and keys are ours."""
        self.pane.add_widget(self.shell)
        self.pane.bind(on_keyboard=self.shell.on_key, on_key_up=self.shell.on_key_up, on_flip=self._on_flip)

    def detach(self) -> None:
        self.pane.unbind(on_keyboard=self.shell.on_key, on_key_up=self.shell.on_key_up, on_flip=self._on_flip)
        self.pane.remove_widget(self.shell)

    def key_named(self, name: str) -> None:
        """A key of a keypad that the window does not hear, pressed and let go; from any thread."""
        ui_post(lambda: self._press_key(name))

    def _press_key(self, name: str) -> None:
        """As if it had come through the window: one path for all keypads."""
        if name == keypad.REPEAT:
            self.stage.service.touched()
            self.stage.service.say_again()
        elif (code := keypad.code_of(name)) is not None:
            self.shell.on_key(self.pane, code, 0, "", [])
            self.shell.on_key_up(self.pane, code)

    def reader_acts(self, act: str, screen: str, key: str, nth: int) -> None:
        """A screen reader presses or moves the focus; from any thread."""
        ui_post(lambda: self.shell.act_for_reader(act, screen, key, nth))

    def mark_stale(self) -> None:
        """The tree will be published after the frame that draws it."""
        self._stale = True

    def _on_flip(self, *_: object) -> None:
        """The frame is drawn and about to become visible; who draws in part tells when it has."""
        if self._region is None:
            self._on_shown()

    def _on_shown(self) -> None:
        """Keep the tree of the frame, publish it in the next turn of the loop.

        The tree is taken here, not there: by then the visit may have moved on to what nobody sees yet.
        """
        if self._stale:
            self._stale = False
            self._drawn = self.shell.tree(ready=True)
            self._publish()

    def _publish_now(self, _dt: float) -> None:
        first, self._ready = not self._ready, True
        if self.observer is not None:
            self.observer.publish(self._drawn)
        if first:
            draw_ahead(self.stage, self.shell.router)
            self._on_ready()

    def _on_resize(self, *_: object) -> None:
        """A start passes through sizes on its way: only one that stays counts."""
        KivyClock.schedule_once(self._end_if_resized, SIZE_STAYS_S)

    def _end_if_resized(self, _dt: float) -> None:
        """Every size on the screen is computed at the start: another panel, or another mode of it, needs a new one."""
        size, fitted = (int(self.pane.width), int(self.pane.height)), self.stage.look.screen
        if size != (fitted.width_px, fitted.height_px) and not self.is_resized:
            log.error("the panel is now %d x %d; the terminal ends and is started again for it", *size)
            self.is_resized = True
            stopTouchApp()

    def run(self, on_ready: Callable[[], None], beat: Callable[[], None] | None = None) -> None:
        """Block until told to stop. `beat` is called while this thread can draw."""
        self._on_ready = on_ready
        clock_sdl.install(self.pane)
        self._region = dirty_region.install(self.pane)
        if self._region is not None:
            self._region.on_shown = self._on_shown
        guard = Guard(self.pane, lambda: ui_post(stopTouchApp), clock_sdl.wake)
        guard.watch_signals()
        self.attach()
        self.pane.bind(on_resize=self._on_resize)
        if beat is not None:
            KivyClock.schedule_interval(lambda _dt: beat(), BEAT_S)
        try:
            runTouchApp()
        finally:
            guard.release()
            with contextlib.suppress(AttributeError):
                # Kivy leaves the loop's state behind; nothing runs after this but the exit.
                EventLoop.close()
