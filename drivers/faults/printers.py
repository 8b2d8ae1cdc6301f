"""Faults of printers."""

from __future__ import annotations

from drivers.faults.base import Action, Recovery, fault

PRN_PAPER_LOW = fault(
    "PRN-001", "paper_low", "The near-end sensor is set.",
    "Fit a new roll of the same width soon.", Action.MAINTENANCE, Recovery.ASK_RESIDENT,
)  # fmt: skip
PRN_PAPER_OUT = fault(
    "PRN-002", "paper_out", "The paper-end sensor is set.",
    "Fit a roll of the same width, close the cover, print the test slip.",
    Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
PRN_COVER = fault(
    "PRN-003", "printer_cover_open", "The printer's cover is open.",
    "Close the cover until it clicks.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
PRN_CUTTER = fault(
    "PRN-004", "printer_cutter", "The cutter is blocked.",
    "Switch off, free the cutter, switch on.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
PRN_HEAD_HOT = fault(
    "PRN-005", "printer_hot", "The print head is too hot; it recovers by itself.",
    "Wait two minutes.", Action.CLEAR, Recovery.RETRY_ONCE,
)  # fmt: skip
PRN_ERROR = fault(
    "PRN-006", "printer_error", "The printer reports an error that it cannot recover from.",
    "Switch the printer off and on; replace it if the error stays.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
PRN_UNKNOWN = fault(
    "PRN-007", "print_unproved", "The printer did not confirm the slip.",
    "Look whether the slip came out; test the cable.", Action.RESET, Recovery.ASK_RESIDENT,
)  # fmt: skip
DOC_PAPER_LOW = fault(
    "DOC-001", "document_paper_low", "The document printer's tray is nearly empty.",
    "Fill the tray with A4 paper soon.", Action.MAINTENANCE, Recovery.ASK_RESIDENT,
)  # fmt: skip
DOC_PAPER_OUT = fault(
    "DOC-002", "document_paper_out", "The tray is empty; a waiting document goes on when it is filled.",
    "Fill the tray with A4 paper.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_JAM = fault(
    "DOC-003", "document_jam", "A sheet is jammed in the document printer.",
    "Open it, pull the sheet out slowly, look for torn pieces, close it.",
    Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_OPEN = fault(
    "DOC-004", "document_printer_open", "A cover, door or tray of the document printer is open or missing.",
    "Close every cover and push the tray in.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_TONER = fault(
    "DOC-005", "document_toner", "The document printer's toner is used up.",
    "Fit a new toner cartridge.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_ERROR = fault(
    "DOC-006", "document_printer_error", "The document printer has stopped for a reason of its own.",
    "Read its display; switch it off and on.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_UNPROVED = fault(
    "DOC-007", "document_unproved", "The document printer did not confirm every page.",
    "Look what lies in its tray; test the network cable.", Action.RESET, Recovery.ASK_RESIDENT,
)  # fmt: skip
DOC_MEDIA = fault(
    "DOC-008", "document_media", "The document printer has no such paper size (media-supported).",
    "Set the tray to A4 at the printer's own panel.", Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_FORMAT = fault(
    "DOC-009", "document_format", "No readable PDF, or the printer takes none (document-format-supported).",
    "Update the printer's firmware or use one that prints PDF.", Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_ABORTED = fault(
    "DOC-010", "document_aborted", "The printer gave the document up (job state 8) or it was deleted there (7).",
    "Read the printer's display; print the test page.", Action.RESET, Recovery.ASK_RESIDENT,
)  # fmt: skip
DOC_REFUSED = fault(
    "DOC-011", "document_refused", "The document printer refused a request (IPP status).",
    "Look the status up in RFC 8011 appendix B; check that the printer takes jobs.",
    Action.CONFIGURATION, Recovery.RETRY_ONCE,
)  # fmt: skip
DOC_DENIED = fault(
    "DOC-013", "document_denied", "The print queue or the document printer refuses the kiosk's user.",
    "Allow the user: `lpadmin -p QUEUE -u allow:kiosk` and cupsd.conf's <Limit>, or the printer's own access list.",
    Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_JOB_LEFT = fault(
    "DOC-012", "document_left", "An unfinished document is still in the printer; its deletion is not confirmed.",
    "Delete all jobs at the printer's panel; destroy what it prints.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
