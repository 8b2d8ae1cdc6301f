"""The operator switch: whoever opens the cabinet with its key is asked for number and PIN (XFS4IoT VendorMode, enter).

The key alone opens nothing but the question. A visit that goes on is not disturbed: technician mode waits for its end.
"""

from __future__ import annotations

from collections.abc import Callable

from drivers.faults import CAB_DOOR
from kiosk.app.device_hub import DeviceEvent

CABINET = "cabinet"


class CabinetDoor:
    """:param opened: called once each time the door is found open after it was closed."""

    def __init__(self, opened: Callable[[], None]) -> None:
        self._opened = opened
        self._open = False

    def device_changed(self, event: DeviceEvent) -> None:
        """`kiosk.app.device_hub.StatusListener`."""
        if event.device != CABINET:
            return
        was_open, self._open = self._open, event.fault is CAB_DOOR
        if self._open and not was_open:
            self._opened()
