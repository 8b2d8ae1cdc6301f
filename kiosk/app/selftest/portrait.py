"""Checks of the camera that takes a picture of somebody's face."""

from __future__ import annotations

from typing import cast

from drivers.api import Device, PortraitCamera
from drivers.faults import POR_FAR
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured, timed
from kiosk.app.technician.diagnostics import Task

TAKE_S = 20.0
SMALLEST_PX = 300
"""A picture that came out smaller shows nobody's features."""


def _take(device: Device, guide: Guide) -> Measured:
    """Nothing of the face is kept: only its size and how long it took."""
    camera, hand_s = cast(PortraitCamera, device), guide.pace.hand_s
    guide.done(Task.SIT_DOWN)
    taken, took_ms = timed(TAKE_S + hand_s + 1, device, lambda: camera.capture(TAKE_S + hand_s))
    told = f"{taken.width_px} x {taken.height_px} px"
    if min(taken.width_px, taken.height_px) < SMALLEST_PX:
        raise Failed(POR_FAR, f"the face came out as {told}", took_ms, "ms")
    return Measured(took_ms, "ms", told)


CHECKS = (
    *ASKED,
    IDENTITY,
    Check("take_face", _take, "The time until the face before the camera is taken, in ms.", guided=True),
)
