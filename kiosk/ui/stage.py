"""What every widget needs to build itself: look, words, fonts, shapes, and the visit behind the screen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.domain.ports import Clock, Words
from kiosk.domain.speech import Lang, Line
from kiosk.ui.drawing.fonts import Fonts
from kiosk.ui.drawing.raster import Raster
from kiosk.ui.drawing.theme import Look, ScreenConfig
from kiosk.ui.service import Service

log = logging.getLogger(__name__)


@dataclass
class Stage:
    """Lives as long as the window; `look` and `lang` change with the visit."""

    screen: ScreenConfig
    look: Look
    lang: Lang
    fonts: Fonts
    raster: Raster
    words: Words
    service: Service
    clock: Clock
    place: str
    on_press: Callable[[], None] = lambda: None
    """Called at touch-down on a button: the soft click."""

    def show(self, line: Line) -> str:
        try:
            return self.words.show(self.lang, line.key, line.args)
        except KeyError:
            # A missing text must be seen and found, not end the visit; a test walks all keys.
            log.error("no words for %s in %s", line.key, self.lang.value)
            return f"〔{line.key}〕"

    def clauses(self, line: Line) -> Sequence[str]:
        try:
            return self.words.clauses(self.lang, line.key, line.args)
        except KeyError:
            return [self.show(line)]

    def spoken(self, line: Line) -> str:
        return "".join(self.clauses(line))
