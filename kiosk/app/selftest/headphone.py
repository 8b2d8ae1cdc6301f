"""Checks of the headphone's jack."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import cast

from drivers.api import Device, HeadphoneSensor
from drivers.faults import DEV_SILENT
from kiosk.app.selftest.checks import NOT_ASKED, Check, Failed, Guide, Measured
from kiosk.app.technician.diagnostics import Task, elapsed_ms, within


def _plug(task: Task, wanted: bool) -> Callable[[Device, Guide], Measured]:
    def run(device: Device, guide: Guide) -> Measured:
        sensor, hand_s = cast(HeadphoneSensor, device), guide.pace.hand_s
        guide.done(task)
        began_s = time.monotonic()
        deadline_s = began_s + hand_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            if within(hand_s + 1, device, partial(sensor.wait_change, left_s)) is wanted:
                return Measured(elapsed_ms(began_s), "ms")
        raise Failed(DEV_SILENT, f"the jack told no change within {hand_s:g} s")

    return run


CHECKS = (
    *NOT_ASKED,
    Check(
        "plug",
        _plug(Task.PLUG_HEADPHONE, True),
        "The time until the jack has told that a headphone is in, in ms.",
        guided=True,
    ),
    Check(
        "unplug", _plug(Task.UNPLUG_HEADPHONE, False), "The time until it has told that it is out, in ms.", guided=True
    ),
)
