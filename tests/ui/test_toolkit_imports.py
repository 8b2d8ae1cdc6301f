"""Kivy's clock comes without what it would search and import; whoever wants asyncio later gets the real one."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import sys
started = []
sys.addaudithook(lambda event, values: started.append(values) if event == "subprocess.Popen" else None)
from kiosk.ui import window
from kiosk.ui.drawing.theme import ScreenConfig
window.prepare(ScreenConfig())
assert "asyncio" not in sys.modules and not started, started
from kivy.clock import Clock
assert Clock.time() > 0
import asyncio, ctypes.util
async def one(): return await asyncio.sleep(0, 1)
assert asyncio.run(one()) == 1
assert ctypes.util.find_library("c")
"""


def test_the_clock_brings_no_second_loop_and_starts_no_program() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
