"""From any thread to the screen's thread: schedule, then wake the event-driven clock."""

from __future__ import annotations

from collections.abc import Callable

from kivy.clock import Clock

from kiosk.ui.toolkit import clock_sdl


def ui_post(action: Callable[[], None]) -> None:
    """Run `action` once in the screen's thread, in the order of the calls."""
    Clock.schedule_once(lambda _dt: action(), 0)
    clock_sdl.wake()
