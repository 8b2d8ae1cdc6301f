"""Keys of the tactile keypad, one after the other, to whoever has the screen."""

from __future__ import annotations

from collections.abc import Callable

from drivers.api import Keypad
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.watches.following import LOOK_S, follow


class KeypadWatch:
    """:param press: told each key by its name (`drivers.api.KeypadKey`), on the device's thread."""

    def __init__(self, worker: DeviceWorker[Keypad], press: Callable[[str], None]):
        self._worker = worker
        self._press = press

    def start(self) -> None:
        follow(self._worker, self._look)

    def _look(self, keypad: Keypad) -> None:
        key = keypad.wait_key(LOOK_S)
        if key is not None:
            self._press(key.value)
