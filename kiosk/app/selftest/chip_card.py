"""Checks of a chip-card reader."""

from __future__ import annotations

import time
from typing import cast

from drivers.api import ChipCardReader, Device, HolderLock
from drivers.faults import CHP_LOCKED, CHP_MUTE, CHP_NO_CARD
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured, timed
from kiosk.app.technician.diagnostics import LOOK_S, Task, elapsed_ms, within

READ_S = 12.0
"""Power-up, application and two files at the slowest speed that contacts have, with one silent retry."""
SLOW_READ_MS = 6000.0
"""A resident does not stand longer before a card that does nothing."""


def _slot(device: Device, _guide: Guide) -> Measured:
    began_s = time.monotonic()
    present = cast(ChipCardReader, device).wait_card(0.0)
    return Measured(elapsed_ms(began_s), "ms", "a card is in the slot" if present else "the slot is empty")


def _read_card(device: Device, guide: Guide) -> Measured:
    """Nothing of the card is kept or told. Only a card that shows its holder proves what residents need."""
    reader, hand_s = cast(ChipCardReader, device), guide.pace.hand_s
    guide.done(Task.INSERT_CHIP_CARD)
    if not within(hand_s + LOOK_S, device, lambda: reader.wait_card(hand_s)):
        raise Failed(CHP_NO_CARD, f"no card was seen within {hand_s:g} s")
    card, took_ms = timed(READ_S + 1, device, lambda: reader.read(READ_S))
    if card.lock is not HolderLock.OPEN:
        raise Failed(CHP_LOCKED, "read, but this card keeps its holder closed: test with another", took_ms, "ms")
    if took_ms > SLOW_READ_MS:
        raise Failed(CHP_MUTE, f"the card took more than {SLOW_READ_MS:g} ms", took_ms, "ms")
    return Measured(took_ms, "ms")


def _pull_card(device: Device, guide: Guide) -> Measured:
    reader, hand_s = cast(ChipCardReader, device), guide.pace.hand_s
    guide.done(Task.PULL_CHIP_CARD)
    gone, took_ms = timed(hand_s + LOOK_S, device, lambda: reader.wait_removed(hand_s))
    if not gone:
        raise Failed(CHP_MUTE, f"the reader still sees a card after {hand_s:g} s")
    return Measured(took_ms, "ms")


CHECKS = (
    *ASKED,
    IDENTITY,
    Check("slot", _slot, "The smart-card service tells whether a card is in the slot; the time of one look, in ms."),
    Check(
        "read_card",
        _read_card,
        f"The time to power up and read the card that you insert, in ms; more than {SLOW_READ_MS / 1000:g} s fails, "
        "and so does a card that keeps its holder closed. Nothing of it is kept.",
        guided=True,
    ),
    Check("pull_card", _pull_card, "The time until the reader has seen that the slot is empty, in ms.", guided=True),
)
