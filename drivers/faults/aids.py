"""Faults of keypads, lights, doors, relays and the uninterruptible power supply."""

from __future__ import annotations

from drivers.faults.base import Action, Recovery, fault

BRD_REFUSED = fault(
    "BRD-001", "board_refused", "The Modbus board knows no such function, address or value (exception 01-03).",
    "Compare the addresses in devices.toml with the board's own table.",
    Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
BRD_FAILED = fault(
    "BRD-002", "board_failed", "The Modbus board reports a failure of its own (exception 04 or above).",
    "Switch the board off and on; replace it if it stays so.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
BRD_BUSY = fault(
    "BRD-003", "board_busy", "The Modbus board is still busy with something long (exception 05 or 06).",
    "Nothing to do; it is asked again.", Action.CLEAR, Recovery.RETRY_ONCE,
)  # fmt: skip
BRD_NOT_SET = fault(
    "BRD-004", "board_not_set", "The board confirmed a command, but its output shows another state.",
    "Look for a second master on the line and for a stuck relay.",
    Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
CAB_DOOR = fault(
    "CAB-001", "cabinet_open", "The cabinet's service door is open.",
    "Close and lock the door; check the door contact if it is closed.", Action.MAINTENANCE, Recovery.ASK_RESIDENT,
)  # fmt: skip
CAB_HOT = fault(
    "CAB-002", "cabinet_hot", "The cabinet is hotter than its limit.",
    "Clean filter and fan; check the fan's relay.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
UPS_BATTERY = fault(
    "UPS-001", "power_battery", "The mains is away; the terminal runs from its battery.",
    "Check the hall's mains and the supply's plug. No new visit begins.", Action.SUSPEND, Recovery.RECONNECT,
)  # fmt: skip
UPS_LOW = fault(
    "UPS-002", "power_low", "The battery is almost empty; the terminal is about to end.",
    "Bring the mains back; replace the battery if it empties too fast.", Action.SUSPEND, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
UPS_STALE = fault(
    "UPS-003", "power_stale", "The power service runs but has no fresh word of the supply.",
    "Check the supply's USB cable; restart nut-driver.", Action.MAINTENANCE, Recovery.RECONNECT,
)  # fmt: skip
UPS_REFUSED = fault(
    "UPS-004", "power_refused", "The power service knows no supply of that name, or refuses this host.",
    "Compare `port` in devices.toml with ups.conf and upsd.conf.",
    Action.CONFIGURATION, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
KEY_TAKEN = fault(
    "KEY-001", "keypad_taken", "Another program holds the keypad for itself.",
    "Find it with `fuser` on the node; only the kiosk may grab the keypad.",
    Action.CONFIGURATION, Recovery.RECONNECT,
)  # fmt: skip
KEY_STUCK = fault(
    "KEY-002", "keypad_stuck", "A key is held down without end.",
    "Free the key; clean or replace the keypad.", Action.MAINTENANCE, Recovery.WITHDRAW_CAPABILITY,
)  # fmt: skip
