"""Checks of the guide lights."""

from __future__ import annotations

import time
from typing import cast

from drivers.api import Device, Flash, LightPosition, Lights
from drivers.faults import BRD_NOT_SET
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured
from kiosk.app.technician.diagnostics import Task, elapsed_ms


def _switch(device: Device, _guide: Guide) -> Measured:
    """Each lamp on and off again; the driver has the board confirm it and reads it back."""
    lights, began_s = cast(Lights, device), time.monotonic()
    for position in LightPosition:
        lights.set(position, Flash.CONTINUOUS)
        lights.set(position, Flash.OFF)
    count = 2 * len(LightPosition)
    return Measured(round(elapsed_ms(began_s) / count, 1), "ms", f"{count} changes")


def _seen(device: Device, guide: Guide) -> Measured:
    """What the board says of a lamp does not tell whether it shines."""
    lights = cast(Lights, device)
    try:
        for position in LightPosition:
            lights.set(position, Flash.CONTINUOUS)
        if guide.is_no(Task.JUDGE_LIGHTS):
            raise Failed(BRD_NOT_SET, "the board says that all lamps are lit, the technician does not see it")
    finally:
        device.reset()
    return Measured(float(len(LightPosition)), "lamps")


CHECKS = (
    *ASKED,
    IDENTITY,
    Check("switch", _switch, "The time of one change of one lamp, confirmed and read back, in ms.", deadline_s=20.0),
    Check("seen", _seen, "The number of lamps that are lit; you look whether they shine.", guided=True),
)
