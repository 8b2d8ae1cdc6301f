"""Open the window, show the visit, end cleanly. The one entry of this room."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.faults import OTHER_SIZE
from kiosk.domain.ports import Clock, Words
from kiosk.ui import window
from kiosk.ui.drawing.theme import Look, ScreenConfig
from kiosk.ui.semantics import TreeSink
from kiosk.ui.service import Service

log = logging.getLogger(__name__)

_SWITCH_INTERVAL_S = 0.0005
"""A busy thread must not hold up the finger: measured 74 ms -> 38 ms from press to pixel."""


def run(
    service: Service,
    words: Words,
    screen: ScreenConfig,
    clock: Clock,
    observer: TreeSink | None,
    on_ready: Callable[[], None],
    place: str,
    on_press: Callable[[], None] | None = None,
    follow_keys: Callable[[Callable[[str], None]], None] | None = None,
    follow_reader: Callable[[Callable[[str, str, str, int], None]], None] | None = None,
    beat: Callable[[], None] | None = None,
    on_fault: Callable[[str], None] = lambda code: None,
) -> int:
    """Block until the process is told to end.

    :param place: the village as it stands in the top bar.
    :param on_ready: called in this thread after the first frame is on the screen.
    :param on_press: called at touch-down on a button: the click.
    :param follow_keys: given who shall be told the names of a keypad's keys that do not come through the window.
    :param follow_reader: given who shall be told what a screen reader presses (`Live.reader_acts`).
    :param beat: called every two seconds by the thread that draws, for whoever watches over this process.
    :param on_fault: told the code of a fault of the screen, a row of `kiosk.domain.faults`.
    :returns: 0 after SIGTERM or SIGINT, `window.EXIT_NO_WINDOW` when no window could be opened, `EXIT_RESIZED` when the
        panel changed its size: both are for a service manager to start it again.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    window.prepare(screen)
    look = Look(screen)
    try:
        pane = window.open_window(look.colour.ground)
    except window.NoWindow as error:
        log.critical("%s", error)
        sys.stderr.write(f"kiosk: {error}\n")
        return window.EXIT_NO_WINDOW
    # Only now: everything that draws needs the window that Kivy has opened.
    from kiosk.ui.live import Live

    fitted = replace(screen, width_px=int(pane.width), height_px=int(pane.height))
    if fitted != screen:
        log.warning("the window is %d x %d, not %d x %d", pane.width, pane.height, screen.width_px, screen.height_px)
        on_fault(OTHER_SIZE)
    live = Live(pane, service, words, fitted, clock, observer, place, on_press)
    if follow_keys is not None:
        follow_keys(live.key_named)
    if follow_reader is not None:
        follow_reader(live.reader_acts)
    live.run(on_ready, beat)
    return window.EXIT_RESIZED if live.is_resized else 0
