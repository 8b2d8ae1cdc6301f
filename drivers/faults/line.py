"""Faults of any device: of its port, its cable, its answers."""

from __future__ import annotations

from drivers.faults.base import Action, Recovery, fault

DEV_NOT_FOUND = fault(
    "DEV-001", "device_missing", "No device answers at the configured port.",
    "Check cable and power, then `kiosk devices`.", Action.CONFIGURATION, Recovery.RECONNECT,
)  # fmt: skip
DEV_SILENT = fault(
    "DEV-002", "device_silent", "The port is open but the device does not answer.",
    "Switch the device off and on; check the baud rate.", Action.RESET, Recovery.RECONNECT,
)  # fmt: skip
DEV_GARBLED = fault(
    "DEV-003", "device_garbled", "Answers arrive but no frame is valid.",
    "Check the baud rate, the cable and its shield.", Action.RESET, Recovery.RETRY_ONCE,
)  # fmt: skip
DEV_LOST = fault(
    "DEV-004", "device_lost", "The device vanished while a command ran.",
    "Re-plug the device; look for a loose connector.", Action.MAINTENANCE, Recovery.RECONNECT,
)  # fmt: skip
DEV_CANCELLED = fault(
    "DEV-005", "device_cancelled", "The command was cancelled by the kiosk.",
    "Nothing to do.", Action.CLEAR, Recovery.RETRY_ONCE,
)  # fmt: skip
DEV_DENIED = fault(
    "DEV-006", "device_denied", "The device is there, but the kiosk's user may not open it.",
    "Install the udev rules (config/deploy/udev) and add the user to the node's group (`ls -lL` of the port: kiosk, "
    "dialout, input or video; for chip cards a polkit rule). Then start the kiosk anew.",
    Action.CONFIGURATION, Recovery.RECONNECT,
)  # fmt: skip
