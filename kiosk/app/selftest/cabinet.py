"""Checks of the cabinet: its door contact, its temperature, its fan."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from drivers.api import Cabinet, Device
from drivers.faults import BRD_NOT_SET, CAB_DOOR
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured, Skipped
from kiosk.app.technician.diagnostics import Task, elapsed_ms

FAN = "fan"
"""The one relay that may be tried: another may be the power of a device."""
LOOK_AGAIN_S = 0.1


def _temperature(device: Device, _guide: Guide) -> Measured:
    degrees = cast(Cabinet, device).read().temperature_c
    if degrees is None:
        raise Skipped("this board measures no temperature")
    return Measured(round(degrees, 1), "°C")


def _door(task: Task, wanted_open: bool) -> Callable[[Device, Guide], Measured]:
    def run(device: Device, guide: Guide) -> Measured:
        cabinet = cast(Cabinet, device)
        guide.done(task)
        began_s = time.monotonic()
        while cabinet.read().door_open is not wanted_open:
            if time.monotonic() - began_s > guide.pace.hand_s:
                raise Failed(CAB_DOOR, f"the contact tells no change within {guide.pace.hand_s:g} s")
            time.sleep(LOOK_AGAIN_S)  # the board tells nobody unasked
        return Measured(elapsed_ms(began_s), "ms")

    return run


def _fan(device: Device, guide: Guide) -> Measured:
    cabinet, began_s = cast(Cabinet, device), time.monotonic()
    try:
        cabinet.switch(FAN, True)
    except ValueError as error:
        raise Skipped(str(error)) from error
    took_ms = elapsed_ms(began_s)
    try:
        if guide.is_no(Task.JUDGE_FAN):
            raise Failed(BRD_NOT_SET, "the board says that the relay is on, the technician does not hear the fan")
    finally:
        cabinet.switch(FAN, False)
    return Measured(took_ms, "ms")


CHECKS = (
    *ASKED,
    IDENTITY,
    Check("temperature", _temperature, "The cabinet's temperature in °C; above its limit the check `faults` fails."),
    Check(
        "open_door",
        _door(Task.OPEN_DOOR, True),
        "The time until the contact has told that it is open, in ms.",
        guided=True,
    ),
    Check(
        "close_door", _door(Task.CLOSE_DOOR, False), "The time until it has told that it is closed, in ms.", guided=True
    ),
    Check("fan", _fan, "The time until the fan's relay is on and read back, in ms; you listen.", guided=True),
)
