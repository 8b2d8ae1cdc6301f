"""What a terminal shows that cannot begin its work: that it is closed, and the fault's code for whoever opens it.

No store, no device and no visit stand behind it. It is looked at again and again whether the cause has gone; then the
process ends, and the service manager starts it afresh.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from kiosk.ui import window
from kiosk.ui.drawing import fonts
from kiosk.ui.drawing.fonts import Fonts
from kiosk.ui.drawing.theme import Look, ScreenConfig

LOOK_AGAIN_S = 2.0
BEAT_S = 2.0


def show(
    screen: ScreenConfig,
    texts: Sequence[str],
    code: str,
    is_over: Callable[[], bool],
    beat: Callable[[], None],
    on_shown: Callable[[], None] = lambda: None,
) -> int:
    """Block until the cause has gone, or the process is told to end.

    :param texts: what is said to residents, a paragraph each; none where no font is installed to draw it with.
    :param code: of the fault, small, for the technician.
    :param is_over: asked every two seconds by the thread that draws.
    :param beat: called every two seconds while it draws.
    :returns: `window.EXIT_RESIZED` to be started again, 0 after SIGTERM, `window.EXIT_NO_WINDOW` without a display.
    """
    window.prepare(screen)
    look = Look(screen)
    try:
        pane = window.open_window(look.colour.ground)
    except window.NoWindow as error:
        sys.stderr.write(f"kiosk: {error}\n")
        return window.EXIT_NO_WINDOW
    from kivy.base import runTouchApp, stopTouchApp
    from kivy.clock import Clock as KivyClock

    from kiosk.ui.toolkit.post import ui_post

    pane.add_widget(_sheet(look, int(pane.width), int(pane.height), texts, code))
    ended: list[int] = []

    def look_again(_dt: float) -> None:
        if is_over():
            ended.append(window.EXIT_RESIZED)
            stopTouchApp()

    KivyClock.schedule_interval(look_again, LOOK_AGAIN_S)
    KivyClock.schedule_interval(lambda _dt: beat(), BEAT_S)
    KivyClock.schedule_once(lambda _dt: on_shown(), 0)
    guard = window.Guard(pane, lambda: ui_post(stopTouchApp), lambda: None)
    guard.watch_signals()
    try:
        runTouchApp()
    finally:
        guard.release()
    return ended[0] if ended else 0


def _sheet(look: Look, width: int, height: int, texts: Sequence[str], code: str) -> Any:
    """The paragraphs below each other in the middle, the code under them."""
    from kivy.core.text.markup import MarkupLabel
    from kivy.graphics import Color, Rectangle
    from kivy.uix.widget import Widget

    from kiosk.ui.widgets.text import to_markup

    faces = _faces() if texts else None
    margin, gap = look.mm(12), look.mm(14)
    drawn = []
    for text, ems in (*((text, 1.4) for text in texts), (code, 0.6)):
        label = MarkupLabel(
            text=text if faces is None else "\n".join(to_markup(faces, row) for row in text.split("\n")),
            font_size=look.em(ems),
            # A code is plain Latin: the toolkit's own face draws it.
            font_name="Roboto" if faces is None else faces.main.name,
            text_size=(width - 2 * margin, None),
            halign="center",
        )
        label.refresh()
        drawn.append(label.texture)
    top = (height + sum(one.height for one in drawn) + gap * (len(drawn) - 1)) / 2
    sheet = Widget(size=(width, height))
    with sheet.canvas:
        Color(*look.colour.ink, 1)
        for one in drawn:
            top -= one.height
            Rectangle(texture=one, pos=((width - one.width) // 2, int(top)), size=one.size)
            top -= gap
    return sheet


def _faces() -> Fonts:
    from kiosk.ui.widgets.text import register

    faces = fonts.load(fonts.default_dir())
    register(faces)
    return faces
