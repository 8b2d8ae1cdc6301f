"""Checks of a document scanner, whether it has a lid or looks down from above."""

from __future__ import annotations

from typing import cast

from drivers.api import Device, DocumentScanner
from drivers.faults import PIC_BLURRED
from kiosk.app.diagnostics import Task
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured, timed

PAGE_S = 40.0
"""A flatbed warms its lamp first; beside it the hand's time."""
SMALLEST_PX = 600
"""A page that came out smaller cannot be read by anyone."""


def _capture(device: Device, guide: Guide) -> Measured:
    """Nothing of the page is kept: only its size and how long it took."""
    scanner, hand_s = cast(DocumentScanner, device), guide.pace.hand_s
    guide.done(Task.LAY_PAGE)
    page, took_ms = timed(PAGE_S + hand_s, device, lambda: scanner.capture(PAGE_S / 2 + hand_s))
    told = f"{page.width_px} x {page.height_px} px"
    if min(page.width_px, page.height_px) < SMALLEST_PX or not page.jpeg:
        raise Failed(PIC_BLURRED, f"the page came out as {told}", took_ms, "ms")
    return Measured(took_ms, "ms", told)


CHECKS = (
    *ASKED,
    IDENTITY,
    Check(
        "capture", _capture, "The time until the page that you lay down is taken, whole and sharp, in ms.", guided=True
    ),
)
