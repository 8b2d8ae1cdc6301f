"""Event-driven idling: sleep in SDL until a finger, a key, a posted action or the next timer.

Kivy's own clock sleeps a whole frame and only then looks for input: a touch waits up to two frames and
an idle screen wakes 30 times a second. When SDL or one of Kivy's inner names is not as expected, the
stock clock stays and nothing else changes.
"""

from __future__ import annotations

import ctypes
import logging
from pathlib import Path
from typing import Any

import kivy
from kivy.clock import Clock

log = logging.getLogger(__name__)

MAX_WAIT_S = 1.0
_USER_EVENT = 0x8000
_NAMES = ("idle", "_max_fps", "_last_tick", "_dt", "get_min_timeout", "time")
_sdl: ctypes.CDLL | None = None


def library() -> ctypes.CDLL | None:
    """The SDL that Kivy itself has loaded; a second copy would have its own, empty event queue."""
    bundled = sorted((Path(kivy.__file__).parents[1] / "Kivy.libs").glob("libSDL2-2-*"))
    for name in (*map(str, bundled), "libSDL2-2.0.so.0"):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def wake() -> None:
    """End the wait of the screen's thread; from any thread. Without SDL the stock clock polls anyway."""
    if _sdl is not None:
        event = (ctypes.c_uint32 * 14)()
        event[0] = _USER_EVENT
        _sdl.SDL_PushEvent(ctypes.byref(event))


def install(window: Any) -> bool:
    """Replace `Clock.idle`; False when the stock clock stays."""
    global _sdl
    missing = [name for name in _NAMES if not hasattr(Clock, name)]
    sdl = library()
    if missing or sdl is None:
        log.warning("the stock clock stays: %s", missing or "SDL not found")
        return False
    _sdl = sdl
    fps = Clock._max_fps or 30

    def idle() -> float:
        now = Clock.time()
        frame = 1 / fps - (now - Clock._last_tick)
        # Absolute time in spite of its docstring; 0 = something is due at once.
        due = Clock.get_min_timeout() - now
        rest = max(frame, min(due, MAX_WAIT_S))
        if rest > 0 and sdl.SDL_WaitEventTimeout(None, max(1, int(rest * 1000))):
            window.mainloop()
        now = Clock.time()
        Clock._dt, Clock._last_tick = now - Clock._last_tick, now
        return float(now)

    Clock.idle = idle
    return True
