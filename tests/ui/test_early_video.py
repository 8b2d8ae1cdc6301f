"""What is opened early is the window's own SDL, and the window opens after it as it does without."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.ui.toolkit import early_video

WITH_DISPLAY = Path(__file__).resolve().parents[1] / "with_display.py"

OPEN = """
import signal, sys
from kiosk.ui.toolkit import early_video; from kiosk.ui import window
from kiosk.ui.drawing.theme import ScreenConfig
if sys.argv[1:] == ["early"]:
    early_video.begin()
    early_video.finished()
    sdl = early_video._bundled()[0].name
    assert sdl in open("/proc/self/maps").read()
    import ctypes
    # Before Kivy has asked for anything, the display is open.
    assert ctypes.CDLL(str(early_video._bundled()[0])).SDL_WasInit(0x20)
window.prepare(ScreenConfig(fullscreen=False))
pane = window.open_window((1.0, 0.0, 0.0))
from kivy.graphics import opengl as gl
pane.dispatch("on_draw")
print(pane.size, bytes(gl.glReadPixels(5, 5, 1, 1, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE)).hex())
assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
"""


def _opened(*arguments: str) -> str:
    command = [sys.executable, str(WITH_DISPLAY), sys.executable, "-c", OPEN, *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "SDL_VIDEODRIVER"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_the_window_is_the_same_whether_it_was_opened_early_or_not() -> None:
    early = _opened("early")
    assert early == _opened()
    assert early.endswith("ff0000ff")


def test_without_a_display_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    early_video.begin()
    assert not early_video._under_way
    early_video.finished()


def test_a_display_that_is_not_there_is_left_for_the_window_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: (_ for _ in ()).throw(OSError(name)))
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    early_video.begin()
    early_video.finished()
    assert not early_video._under_way
