"""Checks of the tactile keypad."""

from __future__ import annotations

from typing import cast

from drivers.api import Device, Keypad, KeypadKey
from drivers.faults import DEV_SILENT, KEY_STUCK
from kiosk.app.selftest.checks import IDENTITY, NOT_ASKED, Check, Failed, Guide, Measured, timed
from kiosk.app.technician.diagnostics import LOOK_S, Task, within

QUIET_S = 0.3


def _quiet(device: Device, _guide: Guide) -> Measured:
    if cast(Keypad, device).wait_key(QUIET_S) is not None:
        raise Failed(KEY_STUCK, "a key came although none was pressed")
    return Measured(QUIET_S * 1000, "ms quiet")


def _press(device: Device, guide: Guide) -> Measured:
    """Which key came is told only when it was the wrong one, and no digit ever."""
    keypad, hand_s = cast(Keypad, device), guide.pace.hand_s
    guide.done(Task.PRESS_ENTER)
    key, took_ms = timed(hand_s + 1, device, lambda: keypad.wait_key(hand_s))
    if key is None:
        raise Failed(DEV_SILENT, f"no key came within {hand_s:g} s")
    if key is not KeypadKey.ENTER:
        raise Failed(KEY_STUCK, "another key than the one that confirms came")
    if within(LOOK_S, device, lambda: keypad.wait_key(QUIET_S)) is not None:
        raise Failed(KEY_STUCK, "the key came twice", took_ms, "ms")
    return Measured(took_ms, "ms")


CHECKS = (
    *NOT_ASKED,
    IDENTITY,
    Check("quiet", _quiet, "Milliseconds in which no key is pressed and none comes."),
    Check("press", _press, "The time until the confirming key has come, once, in ms.", guided=True),
)
