"""The window of an unattended terminal: no cursor, no way out by key or close, yet SIGTERM ends it at once.

`prepare` must run before anything of Kivy is imported: Kivy reads environment and settings at import.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

from kiosk.ui.drawing.theme import Rgb, ScreenConfig
from kiosk.ui.toolkit import early_video

log = logging.getLogger(__name__)

EXIT_NO_WINDOW = 70
"""Exit code when no window can be opened (no display, or libGL is missing)."""

EXIT_RESIZED = 75
"""Exit code when the panel changed its size (sysexits EX_TEMPFAIL): the next start fits the new one."""

_ENVIRONMENT = {
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",
    "KIVY_NO_FILELOG": "1",
    # Never by itself to SDL's drivers without a screen: a terminal that nobody sees must not say that it works.
    "SDL_VIDEODRIVER": "x11",
    # Without a display the other provider ends the process by itself.
    "KIVY_WINDOW": "sdl2",
    # Its second reader of pictures is imported otherwise; no picture file is shown here.
    "KIVY_IMAGE": "sdl2",
    # Kivy's own modes take over the root logger and sys.stderr: tracebacks would vanish.
    "KIVY_LOG_MODE": "PYTHON",
    # Its handlers turn SIGTERM into a request to close, which this terminal refuses.
    "SDL_NO_SIGNAL_HANDLERS": "1",
    "SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS": "0",
}


class NoWindow(Exception):
    """Kivy found no way to draw."""


def prepare(screen: ScreenConfig) -> None:
    """Environment and settings; a second call in one process changes nothing that Kivy has read."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from kivy.config import Config

    Config.set("kivy", "log_level", "warning")
    logging.getLogger("kivy").setLevel(logging.WARNING)
    Config.remove_section("input")
    Config.add_section("input")
    # One provider only: a second one would turn each touch into a double tap.
    Config.set("input", "mouse", "mouse,disable_multitouch")
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "keyboard_mode", "")
    Config.set("kivy", "desktop", "0")
    graphics = {
        "width": screen.width_px,
        "height": screen.height_px,
        "fullscreen": "auto" if screen.fullscreen and not _is_virtual() else 0,
        "borderless": 1,
        "resizable": 0,
        "show_cursor": 0,
        "multisamples": 0,
        "maxfps": 30,
        "position": "custom",
        "left": 0,
        "top": 0,
    }
    for name, setting in graphics.items():
        Config.set("graphics", name, str(setting))


def _is_virtual() -> bool:
    """SDL's offscreen driver knows no display mode to fill."""
    return os.environ.get("SDL_VIDEODRIVER") in ("offscreen", "dummy")


def open_window(ground: Rgb) -> Any:
    """Kivy's window, hardened. :raises NoWindow:"""
    early_video.finished()
    from kivy.base import EventLoop
    from kivy.core.window import Window

    if Window is None:
        raise NoWindow("no window: is there a display (DISPLAY, SDL_VIDEODRIVER) and is libGL installed (libgl1)?")
    EventLoop.ensure_window()
    Window.clearcolor = (*ground, 1)
    Window.show_cursor = False
    return Window


class Guard:
    """Refuses every close but our own, and turns SIGTERM and SIGINT into a clean stop."""

    def __init__(self, window: Any, stop: Callable[[], None], wake: Callable[[], None]):
        self._window = window
        self._stop = stop
        self._wake = wake
        self._stopping = False
        self._former: dict[int, Any] = {}
        self._pipe: tuple[socket.socket, socket.socket] | None = None
        window.bind(on_request_close=self._refuse)

    def _refuse(self, *_args: object, **_named: object) -> bool:
        return not self._stopping

    def watch_signals(self) -> None:
        """Only after the window exists: SDL installs its own handlers when it opens.

        Python runs a handler only between two steps of the main thread, which sleeps in SDL: the wake-up
        socket lets a thread push it out of its sleep.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        read, write = socket.socketpair()
        write.setblocking(False)
        self._pipe = (read, write)
        for number in (signal.SIGTERM, signal.SIGINT):
            self._former[number] = signal.signal(number, self._on_signal)
        signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._wait_for_signal, args=(read,), name="signal-wake", daemon=True).start()

    def _wait_for_signal(self, read: socket.socket) -> None:
        try:
            while read.recv(16):
                self._wake()
        except OSError:
            return

    def _on_signal(self, number: int, _frame: object) -> None:
        log.info("signal %d: stopping", number)
        self._stopping = True
        self._stop()

    def release(self) -> None:
        """Undo everything, so that a process can go on (tests open several screens in one process)."""
        self._window.unbind(on_request_close=self._refuse)
        if self._pipe is not None:
            signal.set_wakeup_fd(-1)
            for number, former in self._former.items():
                signal.signal(number, former)
            for end in self._pipe:
                end.close()
            self._pipe = None
