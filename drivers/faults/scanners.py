"""Faults of code scanners."""

from __future__ import annotations

from drivers.faults.base import Action, Recovery, fault

SCN_UNREADABLE = fault(
    "SCN-001", "code_unreadable", "Bytes came from the scanner that are no text in any known encoding.",
    "Check the scanner's settings.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
SCN_OTHER_KIND = fault(
    "SCN-002", "scanner_other_kind", "Another kind of scanner answers than devices.toml names.",
    "Set `model` (or `product`) of devices.toml to the kind the error names.",
    Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
SCN_REFUSED = fault(
    "SCN-003", "scanner_refused", "The scanner refused a command of its own kind (NAK, ENQ).",
    "Reset the scanner to its factory settings for serial use; update its firmware.",
    Action.CONFIGURATION, Recovery.RETRY_ONCE,
)  # fmt: skip
