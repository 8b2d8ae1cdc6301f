"""Checks of the camera that reads the printed face of an identity card."""

from __future__ import annotations

from typing import cast

from drivers.api import Device, IdFaceReader
from drivers.faults import FAC_ABSENT
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured, timed
from kiosk.app.technician.diagnostics import LOOK_S, Task, within

READ_S = 20.0
"""Two pictures that agree, on the slowest terminal."""


def _read(device: Device, guide: Guide) -> Measured:
    """Nothing of the card is kept or told: only how long it took and how many fields are in doubt."""
    reader, hand_s = cast(IdFaceReader, device), guide.pace.hand_s
    guide.done(Task.LAY_FACE)
    if not within(hand_s + LOOK_S, device, lambda: reader.wait_face(hand_s)):
        raise Failed(FAC_ABSENT, f"no card was seen within {hand_s:g} s")
    face, took_ms = timed(READ_S + 1, device, lambda: reader.read(READ_S))
    return Measured(took_ms, "ms", f"{len(face.uncertain)} fields in doubt")


CHECKS = (
    *ASKED,
    IDENTITY,
    Check("read_face", _read, "The time to read the printed front of the card that you lay down, in ms.", guided=True),
)
