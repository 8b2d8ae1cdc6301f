"""Checks of an identity-card reader."""

from __future__ import annotations

import time
from typing import cast

from drivers.api import Device, IdCardReader
from drivers.faults import CRD_NO_CARD, CRD_RETRY
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured, timed
from kiosk.app.technician.diagnostics import LOOK_S, Task, elapsed_ms, within

READ_S = 8.0
"""find, select, read with one silent retry."""


def _find(device: Device, _guide: Guide) -> Measured:
    began_s = time.monotonic()
    present = cast(IdCardReader, device).wait_card(0.0)
    return Measured(elapsed_ms(began_s), "ms", "a card lies there" if present else "no card lies there")


def _read_card(device: Device, guide: Guide) -> Measured:
    """Nothing of the card is kept or told: only how long it took."""
    reader, hand_s = cast(IdCardReader, device), guide.pace.hand_s
    guide.done(Task.LAY_CARD)
    if not within(hand_s + LOOK_S, device, lambda: reader.wait_card(hand_s)):
        raise Failed(CRD_NO_CARD, f"no card was seen within {hand_s:g} s")
    _, took_ms = timed(READ_S + 1, device, lambda: bool(reader.read(READ_S)))
    return Measured(took_ms, "ms")


def _lift_card(device: Device, guide: Guide) -> Measured:
    reader, hand_s = cast(IdCardReader, device), guide.pace.hand_s
    guide.done(Task.LIFT_CARD)
    gone, took_ms = timed(hand_s + LOOK_S, device, lambda: reader.wait_removed(hand_s))
    if not gone:
        raise Failed(CRD_RETRY, f"the reader still sees a card after {hand_s:g} s")
    return Measured(took_ms, "ms")


CHECKS = (
    *ASKED,
    IDENTITY,
    Check("find", _find, "The radio field answers, whether a card lies there or not; the time of one look, in ms."),
    Check(
        "read_card",
        _read_card,
        "The time to read the card that you lay down, in ms; nothing of it is kept.",
        guided=True,
    ),
    Check("lift_card", _lift_card, "The time until the reader has seen that the card is gone, in ms.", guided=True),
)
