"""The product's screens in a process of their own, for measuring; `front_start.py [stock]` starts it.

Orders come on stdin, answers go to stdout as one JSON line each: `frames` tells how many frames were drawn, whole and
in part; `clauses SECONDS` lights a clause every 400 ms; `nodes` describes the buttons and texts of each screen that is
measured, from which the browser's equal page is made.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kiosk import quick_start
from kiosk.adapters.words import VoicesWords
from kiosk.domain.catalogue import Catalogue, Mode, ServiceItem
from kiosk.domain.screens.compose import View, view
from kiosk.domain.speech import Line
from kiosk.domain.technician.calibration import Calibration
from kiosk.domain.visit.machine import Event, Step, VisitState, advance
from kiosk.ui import app, window
from kiosk.ui.drawing.theme import ScreenConfig

BEAT_S = 0.4
SCREENS = ("welcome", "choose", "browse")
CASE_NO = "3502130078261124000017"
CATEGORIES = ("pension", "work", "medical", "welfare", "disability", "health")
HOME = ("XA032", "XA002", "XA009", "XA031", "XA007")


def _item(item_id: str) -> ServiceItem:
    return ServiceItem(item_id, 1, "pension", "80周岁及以上老年人高龄津贴申领", "", Mode.APPLY, False)


CATALOGUE = Catalogue(1, CATEGORIES, HOME, tuple(map(_item, HOME)))


class Service:
    """The real machine without devices: an event advances it at once, effects are dropped."""

    calibration = Calibration()
    sight = None

    def __init__(self) -> None:
        self.state = VisitState()
        self._subscriber: Callable[[VisitState, View], None] = lambda state, view: None
        self.clause: Callable[[str | None, int], None] = lambda key, index: None

    @property
    def view(self) -> View:
        return view(self.state, CATALOGUE)

    def show(self, state: VisitState) -> None:
        self.state = state
        self._subscriber(state, self.view)

    def post(self, event: Event) -> None:
        self.show(advance(self.state, event)[0])

    def subscribe(self, subscriber: Callable[[VisitState, View], None]) -> None:
        self._subscriber = subscriber

    def on_clause(self, listener: Callable[[str | None, int], None]) -> None:
        self.clause = listener

    def idle_left_s(self) -> float:
        return 45.0

    def __getattr__(self, name: str) -> Callable[..., None]:
        """What the screens tell a service and this one does nothing with."""
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *values: None


class Clock:
    def now(self) -> float:
        return time.monotonic()

    def wall(self) -> datetime:
        return datetime.now(UTC)


class NoObserver:
    def publish(self, tree: object) -> None:
        """Nobody looks."""


class Frames:
    """Counts what is drawn."""

    def __init__(self, pane: Any, stock: bool):
        from kiosk.ui.drawing import dirty_region
        from kiosk.ui.toolkit import clock_sdl

        self.counts = {"whole": 0, "partial": 0}
        self._region: Any = None
        install = dirty_region.install
        if stock:
            clock_sdl.install = lambda window: False

        def kept(pane: Any) -> Any:
            self._region = None if stock else install(pane)
            return self._region

        dirty_region.install = kept
        pane.bind(on_flip=self._flipped)

    def _flipped(self, *_: object) -> None:
        partial = self._region is not None and self._region.last is not None
        self.counts["partial" if partial else "whole"] += 1


def _obey(service: Service, frames: Frames) -> None:
    from kiosk.ui.toolkit.post import ui_post

    for order in sys.stdin:
        name, _, value = order.strip().partition(" ")
        if name == "frames":
            _tell(frames.counts)
        elif name == "clauses":
            _light(service, float(value), ui_post)
        elif name == "nodes":
            ui_post(lambda: _tell({screen: _nodes(service, screen) for screen in SCREENS}))


def _tell(answer: object) -> None:
    print(json.dumps(answer), flush=True)


def _light(service: Service, seconds: float, ui_post: Callable[[Callable[[], None]], None]) -> None:
    line: Line = service.view.question
    for at in range(int(seconds / BEAT_S)):
        ui_post(lambda at=at: service.clause(line.key, at % 2))  # type: ignore[misc]
        time.sleep(BEAT_S)  # the voice's pace is what is measured
    ui_post(lambda: service.clause(None, 0))
    _tell("done")


def _nodes(service: Service, screen: str) -> list[dict[str, object]]:
    from kivy.core.window import Window

    from kiosk.ui.widgets.button import BigButton
    from kiosk.ui.widgets.text import Text

    before = service.state
    service.show(replace(VisitState(), step=Step(screen), case_no="" if screen == "welcome" else CASE_NO))
    out: list[dict[str, object]] = []
    for widget in Window.children[0].walk(restrict=True):
        box = [int(widget.x), int(Window.height - widget.y - widget.height), int(widget.width), int(widget.height)]
        if isinstance(widget, BigButton):
            style = widget.style
            out.append({"button": widget.key, "box": box, "fill": style.fill, "edge": style.edge})
        elif isinstance(widget, Text):
            rows = [widget.text[row.start : row.end] for row in widget.rows]
            out.append({"rows": rows, "box": box, "px": widget.font_px, "ink": widget.colour, "bold": widget.bold})
    service.show(before)
    return out


def main() -> int:
    service, screen = Service(), ScreenConfig(fullscreen=False)
    window.prepare(screen)
    frames = Frames(window.open_window((1.0, 1.0, 1.0)), sys.argv[1:] == ["stock"])

    def ready() -> None:
        _tell("ready")
        quick_start.end()
        threading.Thread(target=_obey, args=(service, frames), daemon=True).start()

    return app.run(service, VoicesWords(), screen, Clock(), NoObserver(), ready, "后村社区")  # type: ignore[arg-type]
