"""Faults of document scanners that draw their sheets in (SANE)."""

from __future__ import annotations

from drivers.faults.base import Action, Recovery, fault

SHT_BUSY = fault(
    "SHT-001", "sheet_busy", "The scanner is used by another program (SANE device busy).",
    "End the other program; only the kiosk may scan.", Action.CLEAR, Recovery.RETRY_ONCE,
)  # fmt: skip
SHT_JAM = fault(
    "SHT-002", "sheet_jam", "A sheet is jammed in the scanner's feeder.",
    "Open the feeder and draw the sheet out; nothing of it was kept.",
    Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
SHT_ABSENT = fault(
    "SHT-003", "sheet_absent", "The scanner's feeder is empty.",
    "Lay the sheet into the feeder until it is drawn in.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
SHT_COVER = fault(
    "SHT-004", "sheet_cover", "The scanner's cover is open.", "Close the cover until it clicks.",
    Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
SHT_DENIED = fault(
    "SHT-005", "sheet_denied", "The kiosk's user may not use the scanner.",
    "Add the user to the group `scanner`; check the udev rule.",
    Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
SHT_FAILED = fault(
    "SHT-006", "sheet_failed", "The scanner or its SANE backend gave up.",
    "Switch the scanner off and on; try `scanimage -d` by hand.", Action.RESET, Recovery.RETRY_ONCE,
)  # fmt: skip
