"""The screen is opened while Python still imports the rooms: what draws is read and bound, SDL connects to the display
and finds out how it draws. No Python runs meanwhile, so on a second core it costs no time.

Kivy does the same again, and finds it done. Without this module it is done then.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from pathlib import Path

_DRAWS = "libGLX_mesa.so.0"
"""Brings the compiler of a processor that draws, the largest library of all; SDL opens the same one with the window."""
_VIDEO = 0x20
"""SDL_INIT_VIDEO"""
_under_way: list[threading.Thread] = []


def begin() -> None:
    """Where there is a display; before the rooms are imported."""
    if os.environ.get("DISPLAY") and os.environ.get("SDL_VIDEODRIVER", "x11") == "x11":
        # As the window asks for it later (kiosk/ui/window.py).
        os.environ.setdefault("SDL_VIDEODRIVER", "x11")
        os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
        _under_way.append(threading.Thread(target=_open, name="early-video", daemon=True))
        _under_way[-1].start()


def finished() -> None:
    """Wait for it: SDL is used by one thread at a time."""
    while _under_way:
        _under_way.pop().join()


def _open() -> None:
    with contextlib.suppress(OSError):
        ctypes.CDLL(_DRAWS)
    for name in _bundled():
        with contextlib.suppress(OSError):
            sdl = ctypes.CDLL(str(name))
            if sdl.SDL_Init(_VIDEO) == 0:
                sdl.SDL_GL_LoadLibrary(None)


def _bundled() -> list[Path]:
    """The SDL that Kivy brings and loads; another one would be of no use to it."""
    return [found for folder in sys.path for found in Path(folder).glob("Kivy.libs/libSDL2-2-*")][:1]
