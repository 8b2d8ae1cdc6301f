"""The catalogue of device faults: one row each, for three audiences.

`code` goes into logs and small print, `cause` and `remedy` to the technician, `action` and
`recovery` to the program. What the resident hears is the text key `fault.<name>` in `voices/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """XFS4IoT Common error event `action`."""

    RESET = "reset"
    SOFTWARE_ERROR = "softwareError"
    CONFIGURATION = "configuration"
    CLEAR = "clear"
    MAINTENANCE = "maintenance"
    SUSPEND = "suspend"


class Recovery(StrEnum):
    """What the kiosk does by itself."""

    RETRY_ONCE = "retryOnce"
    ASK_RESIDENT = "askResident"
    WITHDRAW_CAPABILITY = "withdrawCapability"
    RECONNECT = "reconnect"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `name` is the text key's last part."""

    code: str
    name: str
    cause: str
    remedy: str
    action: Action
    recovery: Recovery


def _fault(code: str, name: str, cause: str, remedy: str, action: Action, recovery: Recovery) -> Fault:
    fault = Fault(code, name, cause, remedy, action, recovery)
    CATALOGUE[code] = fault
    return fault


CATALOGUE: dict[str, Fault] = {}

DEV_NOT_FOUND = _fault(
    "DEV-001", "device_missing", "No device answers at the configured port.",
    "Check cable and power, then `kiosk devices`.", Action.CONFIGURATION, Recovery.RECONNECT,
)  # fmt: skip
DEV_SILENT = _fault(
    "DEV-002", "device_silent", "The port is open but the device does not answer.",
    "Switch the device off and on; check the baud rate.", Action.RESET, Recovery.RECONNECT,
)  # fmt: skip
DEV_GARBLED = _fault(
    "DEV-003", "device_garbled", "Answers arrive but no frame is valid.",
    "Check the baud rate, the cable and its shield.", Action.RESET, Recovery.RETRY_ONCE,
)  # fmt: skip
DEV_LOST = _fault(
    "DEV-004", "device_lost", "The device vanished while a command ran.",
    "Re-plug the device; look for a loose connector.", Action.MAINTENANCE, Recovery.RECONNECT,
)  # fmt: skip
DEV_CANCELLED = _fault(
    "DEV-005", "device_cancelled", "The command was cancelled by the kiosk.",
    "Nothing to do.", Action.CLEAR, Recovery.RETRY_ONCE,
)  # fmt: skip

CRD_NO_CARD = _fault(
    "CRD-001", "card_absent", "No card lies on the reader.",
    "Lay a card on the reader.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_RETRY = _fault(
    "CRD-002", "card_place_again", "The card moved or was read badly (SW3 41, 47, 81, 34).",
    "Lift the card and lay it again, flat and still.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_INVALID = _fault(
    "CRD-003", "card_unknown_kind", "The card is no identity card of a known kind (SW3 40, unknown marker).",
    "Ask for another document.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_SECURITY = _fault(
    "CRD-004", "card_not_accepted", "Card and security module rejected each other (SW3 31, 32, 33).",
    "Do not retry blindly; call the clerk.", Action.SUSPEND, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_MODULE = _fault(
    "CRD-005", "card_reader_broken", "The reader's security module failed its self-test (SW3 60, 66).",
    "Replace the reader.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
CRD_LIFTED = _fault(
    "CRD-006", "card_lifted_early", "The card was lifted before it was read.",
    "Leave the card until the voice says to take it.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_COMMAND = _fault(
    "CRD-007", "card_reader_refused", "The reader refused the command (SW3 10, 11, 21, 23, 24).",
    "Update the reader's firmware or replace it.", Action.MAINTENANCE, Recovery.RETRY_ONCE,
)  # fmt: skip
CRD_DATA = _fault(
    "CRD-008", "card_data_bad", "The card was read but its text block does not parse.",
    "Ask for another document; keep the reader's trace.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_SPEED = _fault(
    "CRD-009", "card_reader_speed", "The reader answers at another line speed and does not take the one set here.",
    "Set `baud` of devices.toml to the speed the error names, or replace the reader.",
    Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip

CHP_NO_CARD = _fault(
    "CHP-001", "chip_absent", "No card is in the chip-card slot.",
    "Put the card in, chip first.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_LIFTED = _fault(
    "CHP-002", "chip_pulled_early", "The card was pulled out while it was being read.",
    "Leave the card until the voice says to take it.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_MUTE = _fault(
    "CHP-003", "chip_mute", "The chip does not answer: wrong way round, dirty contacts, or no chip.",
    "Turn the card, wipe its chip; if every card is mute, clean or replace the reader.",
    Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_UNKNOWN = _fault(
    "CHP-004", "chip_unknown_kind", "The card is no social security card (no application, no EF05).",
    "Ask for the social security card.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_LOCKED = _fault(
    "CHP-005", "chip_locked", "The card shows even its public data only after a PIN or a security module.",
    "Nobody enters a PIN here; use the identity card, or read the card at the counter.",
    Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_DATA = _fault(
    "CHP-006", "chip_data_bad", "The card was read but its records do not parse.",
    "Ask for another document; keep the reader's trace.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_REFUSED = _fault(
    "CHP-007", "chip_reader_refused", "The reader or another program refused the dialogue with the card.",
    "End the program that holds the reader; update the reader's driver.", Action.RESET, Recovery.RETRY_ONCE,
)  # fmt: skip
CHP_SERVICE = _fault(
    "CHP-008", "chip_service_missing", "No smart-card service (pcscd) answers, or its library is not installed.",
    "Install pcscd and start pcscd.socket.", Action.CONFIGURATION, Recovery.RECONNECT,
)  # fmt: skip

PRN_PAPER_LOW = _fault(
    "PRN-001", "paper_low", "The near-end sensor is set.",
    "Fit a new 80 mm roll soon.", Action.MAINTENANCE, Recovery.ASK_RESIDENT,
)  # fmt: skip
PRN_PAPER_OUT = _fault(
    "PRN-002", "paper_out", "The paper-end sensor is set.",
    "Fit an 80 mm roll, close the cover, print the test slip.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
PRN_COVER = _fault(
    "PRN-003", "printer_cover_open", "The printer's cover is open.",
    "Close the cover until it clicks.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
PRN_CUTTER = _fault(
    "PRN-004", "printer_cutter", "The cutter is blocked.",
    "Switch off, free the cutter, switch on.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
PRN_HEAD_HOT = _fault(
    "PRN-005", "printer_hot", "The print head is too hot; it recovers by itself.",
    "Wait two minutes.", Action.CLEAR, Recovery.RETRY_ONCE,
)  # fmt: skip
PRN_ERROR = _fault(
    "PRN-006", "printer_error", "The printer reports an error that it cannot recover from.",
    "Switch the printer off and on; replace it if the error stays.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
PRN_UNKNOWN = _fault(
    "PRN-007", "print_unproved", "The printer did not confirm the slip.",
    "Look whether the slip came out; test the cable.", Action.RESET, Recovery.ASK_RESIDENT,
)  # fmt: skip

DOC_PAPER_LOW = _fault(
    "DOC-001", "document_paper_low", "The document printer's tray is nearly empty.",
    "Fill the tray with A4 paper soon.", Action.MAINTENANCE, Recovery.ASK_RESIDENT,
)  # fmt: skip
DOC_PAPER_OUT = _fault(
    "DOC-002", "document_paper_out", "The tray is empty; a waiting document goes on when it is filled.",
    "Fill the tray with A4 paper.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_JAM = _fault(
    "DOC-003", "document_jam", "A sheet is jammed in the document printer.",
    "Open it, pull the sheet out slowly, look for torn pieces, close it.",
    Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_OPEN = _fault(
    "DOC-004", "document_printer_open", "A cover, door or tray of the document printer is open or missing.",
    "Close every cover and push the tray in.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_TONER = _fault(
    "DOC-005", "document_toner", "The document printer's toner is used up.",
    "Fit a new toner cartridge.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_ERROR = _fault(
    "DOC-006", "document_printer_error", "The document printer has stopped for a reason of its own.",
    "Read its display; switch it off and on.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_UNPROVED = _fault(
    "DOC-007", "document_unproved", "The document printer did not confirm every page.",
    "Look what lies in its tray; test the network cable.", Action.RESET, Recovery.ASK_RESIDENT,
)  # fmt: skip
DOC_MEDIA = _fault(
    "DOC-008", "document_media", "The document printer has no such paper size (media-supported).",
    "Set the tray to A4 at the printer's own panel.", Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_FORMAT = _fault(
    "DOC-009", "document_format", "No readable PDF, or the printer takes none (document-format-supported).",
    "Update the printer's firmware or use one that prints PDF.", Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
DOC_ABORTED = _fault(
    "DOC-010", "document_aborted", "The printer gave the document up (job state 8) or it was deleted there (7).",
    "Read the printer's display; print the test page.", Action.RESET, Recovery.ASK_RESIDENT,
)  # fmt: skip
DOC_REFUSED = _fault(
    "DOC-011", "document_refused", "The document printer refused a request (IPP status).",
    "Look the status up in RFC 8011 appendix B; check that the printer takes jobs.",
    Action.CONFIGURATION, Recovery.RETRY_ONCE,
)  # fmt: skip
DOC_JOB_LEFT = _fault(
    "DOC-012", "document_left", "An unfinished document is still in the printer; its deletion is not confirmed.",
    "Delete all jobs at the printer's panel; destroy what it prints.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip

SCN_UNREADABLE = _fault(
    "SCN-001", "code_unreadable", "Bytes came from the scanner that are no text in any known encoding.",
    "Check the scanner's settings.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
SCN_OTHER_KIND = _fault(
    "SCN-002", "scanner_other_kind", "Another kind of scanner answers than devices.toml names.",
    "Set `model` (or `product`) of devices.toml to the kind the error names.",
    Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
SCN_REFUSED = _fault(
    "SCN-003", "scanner_refused", "The scanner refused a command of its own kind (NAK, ENQ).",
    "Reset the scanner to its factory settings for serial use; update its firmware.",
    Action.CONFIGURATION, Recovery.RETRY_ONCE,
)  # fmt: skip
