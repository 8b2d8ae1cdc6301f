"""Checks of a document scanner, whether it has a lid or looks down from above."""

from __future__ import annotations

from typing import cast

from drivers.api import Device, DocumentScanner
from drivers.faults import DEV_SILENT, PIC_BLURRED
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured, timed
from kiosk.app.technician.diagnostics import Task

PAGE_S = 40.0
"""A flatbed warms its lamp first; beside it the hand's time."""
SMALLEST_PX = 600
"""A page that came out smaller cannot be read by anyone."""


SLOW_MS = 12_000.0
"""A flatbed takes an A4 page in colour in less; a resident who waits longer takes it away."""


def _capture(device: Device, guide: Guide) -> Measured:
    """Nothing of the page is kept: only its size and how long it took."""
    scanner, hand_s = cast(DocumentScanner, device), guide.pace.hand_s
    guide.done(Task.LAY_PAGE)
    page, took_ms = timed(PAGE_S + hand_s, device, lambda: scanner.capture(PAGE_S / 2 + hand_s))
    told = f"{page.width_px} x {page.height_px} px"
    if min(page.width_px, page.height_px) < SMALLEST_PX or not page.jpeg:
        raise Failed(PIC_BLURRED, f"the page came out as {told}", took_ms, "ms")
    if took_ms > SLOW_MS:
        raise Failed(DEV_SILENT, f"the page took more than {SLOW_MS / 1000:g} s", took_ms, "ms")
    return Measured(took_ms, "ms", told)


CHECKS = (
    *ASKED,
    IDENTITY,
    Check(
        "capture",
        _capture,
        f"The time until the page that you lay down is taken, in ms; more than {SLOW_MS / 1000:g} s fails.",
        guided=True,
    ),
)
