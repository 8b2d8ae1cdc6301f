"""Checks of the uninterruptible power supply."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import cast

from drivers.api import Device, PowerState, Ups
from drivers.faults import UPS_BATTERY, UPS_LOW, UPS_STALE
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured
from kiosk.app.technician.diagnostics import Task, elapsed_ms, within

_FAULT = {PowerState.BATTERY: UPS_BATTERY, PowerState.BATTERY_LOW: UPS_LOW}
HALF_EMPTY_PERCENT = 50.0
SUPPLY_S = 10.0
"""Beyond the hand's time: a supply looks at its mains, the service at its supply, every few seconds."""


def _power(device: Device, _guide: Guide) -> Measured:
    reading = cast(Ups, device).power()
    charge = reading.charge_percent
    if reading.state is not PowerState.MAINS:
        raise Failed(_FAULT.get(reading.state, UPS_STALE), f"the power is {reading.state.value}", charge, "%")
    if charge is None:
        return Measured(1.0, "mains", "the supply does not tell its charge")
    if charge < HALF_EMPTY_PERCENT:
        raise Failed(UPS_LOW, "on mains, and the battery is not charged", charge, "%")
    minutes = f"{reading.runtime_s / 60:.0f} min without mains" if reading.runtime_s is not None else ""
    return Measured(charge, "%", minutes)


def _mains(task: Task, on_battery: bool) -> Callable[[Device, Guide], Measured]:
    def run(device: Device, guide: Guide) -> Measured:
        supply = cast(Ups, device)
        guide.done(task)
        began_s, most_s = time.monotonic(), guide.pace.hand_s + SUPPLY_S
        while (left_s := began_s + most_s - time.monotonic()) > 0:
            reading = within(most_s + 1, device, partial(supply.wait_change, left_s))
            if reading is not None and (reading.state in _FAULT) is on_battery:
                return Measured(elapsed_ms(began_s), "ms")
        raise Failed(UPS_STALE, f"the supply told no change within {most_s:g} s")

    return run


CHECKS = (
    *ASKED,
    IDENTITY,
    Check("power", _power, f"The battery's charge in %; below {HALF_EMPTY_PERCENT:g} % or without mains it fails."),
    Check(
        "cut_mains",
        _mains(Task.CUT_MAINS, True),
        "The time until the supply has told of the battery, in ms.",
        guided=True,
    ),
    Check(
        "restore_mains",
        _mains(Task.RESTORE_MAINS, False),
        "The time until it has told of the mains, in ms.",
        guided=True,
    ),
)
