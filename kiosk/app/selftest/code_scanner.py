"""Checks of a code scanner, whether it is a device of its own or the kiosk's camera."""

from __future__ import annotations

from typing import cast

from drivers.api import CodeScanner, Device
from drivers.faults import DEV_SILENT, SCN_UNREADABLE
from kiosk.app.selftest.checks import IDENTITY, NOT_ASKED, Check, Failed, Guide, Measured, timed
from kiosk.app.selftest.texts import TEST_CODE
from kiosk.app.technician.diagnostics import LOOK_S, Task, within

QUIET_S = 0.3
"""A device that nobody touches and nobody asks says nothing."""


def _quiet(device: Device, _guide: Guide) -> Measured:
    if cast(CodeScanner, device).read(QUIET_S) is not None:
        raise Failed(SCN_UNREADABLE, "something came although no code was shown")
    return Measured(QUIET_S * 1000, "ms quiet")


def _show_code(device: Device, guide: Guide) -> Measured:
    """The test slip's code, since its content is known: a scanner that reads wrongly is found."""
    scanner, hand_s = cast(CodeScanner, device), guide.pace.hand_s
    device.reset()
    guide.done(Task.SHOW_CODE)
    code, took_ms = timed(hand_s + 1, device, lambda: scanner.read(hand_s))
    if code is None:
        raise Failed(DEV_SILENT, f"no code came within {hand_s:g} s")
    if code.text != TEST_CODE:
        raise Failed(SCN_UNREADABLE, "another text than the test slip's was read")
    if within(LOOK_S, device, lambda: scanner.read(QUIET_S)) is not None:
        raise Failed(SCN_UNREADABLE, "the code came twice", took_ms, "ms")
    return Measured(took_ms, "ms")


CHECKS = (
    *NOT_ASKED,
    IDENTITY,
    Check("quiet", _quiet, "Milliseconds in which no code is shown and none comes."),
    Check(
        "show_code",
        _show_code,
        "The time until the test slip's code is read, in ms; another text, or the same one twice, fails.",
        guided=True,
    ),
)
