"""Faults of card readers and of the cards on them."""

from __future__ import annotations

from drivers.faults.base import Action, Recovery, fault

CRD_NO_CARD = fault(
    "CRD-001", "card_absent", "No card lies on the reader.",
    "Lay a card on the reader.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_RETRY = fault(
    "CRD-002", "card_place_again", "The card moved or was read badly (SW3 41, 47, 81, 34).",
    "Lift the card and lay it again, flat and still.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_INVALID = fault(
    "CRD-003", "card_unknown_kind", "The card is no identity card of a known kind (SW3 40, unknown marker).",
    "Ask for another document.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_SECURITY = fault(
    "CRD-004", "card_not_accepted", "Card and security module rejected each other (SW3 31, 32, 33).",
    "Do not retry blindly; call the clerk.", Action.SUSPEND, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_MODULE = fault(
    "CRD-005", "card_reader_broken", "The reader's security module failed its self-test (SW3 60, 66).",
    "Replace the reader.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
CRD_LIFTED = fault(
    "CRD-006", "card_lifted_early", "The card was lifted before it was read.",
    "Leave the card until the voice says to take it.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_COMMAND = fault(
    "CRD-007", "card_reader_refused", "The reader refused the command (SW3 10, 11, 21, 23, 24).",
    "Update the reader's firmware or replace it.", Action.MAINTENANCE, Recovery.RETRY_ONCE,
)  # fmt: skip
CRD_DATA = fault(
    "CRD-008", "card_data_bad", "The card was read but its text block does not parse.",
    "Ask for another document; keep the reader's trace.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CRD_SPEED = fault(
    "CRD-009", "card_reader_speed", "The reader answers at another line speed and does not take the one set here.",
    "Set `baud` of devices.toml to the speed the error names, or replace the reader.",
    Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
CHP_NO_CARD = fault(
    "CHP-001", "chip_absent", "No card is in the chip-card slot.",
    "Put the card in, chip first.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_LIFTED = fault(
    "CHP-002", "chip_pulled_early", "The card was pulled out while it was being read.",
    "Leave the card until the voice says to take it.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_MUTE = fault(
    "CHP-003", "chip_mute", "The chip does not answer: wrong way round, dirty contacts, or no chip.",
    "Turn the card, wipe its chip; if every card is mute, clean or replace the reader.",
    Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_UNKNOWN = fault(
    "CHP-004", "chip_unknown_kind", "The card is no social security card (no application, no EF05).",
    "Ask for the social security card.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_LOCKED = fault(
    "CHP-005", "chip_locked", "The card shows even its public data only after a PIN or a security module.",
    "Nobody enters a PIN here; use the identity card, or read the card at the counter.",
    Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_DATA = fault(
    "CHP-006", "chip_data_bad", "The card was read but its records do not parse.",
    "Ask for another document; keep the reader's trace.", Action.CLEAR, Recovery.ASK_RESIDENT,
)  # fmt: skip
CHP_REFUSED = fault(
    "CHP-007", "chip_reader_refused", "The reader or another program refused the dialogue with the card.",
    "End the program that holds the reader; update the reader's driver.", Action.RESET, Recovery.RETRY_ONCE,
)  # fmt: skip
CHP_SERVICE = fault(
    "CHP-008", "chip_service_missing", "No smart-card service (pcscd) answers, or its library is not installed.",
    "Install pcscd and start pcscd.socket.", Action.CONFIGURATION, Recovery.RECONNECT,
)  # fmt: skip
