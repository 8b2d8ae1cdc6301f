"""Keys of the tactile keypad, one after the other, to whoever has the screen."""

from __future__ import annotations

from collections.abc import Callable

from drivers.api import Keypad
from kiosk.app.device_hub import DeviceWorker

_LOOK_S = 1.0


class KeypadWatch:
    """:param press: told each key by its name (`drivers.api.KeypadKey`), on the device's thread."""

    def __init__(self, worker: DeviceWorker[Keypad], press: Callable[[str], None]):
        self._worker = worker
        self._press = press

    def start(self) -> None:
        self._worker.run_soon(self._follow)

    def _follow(self, keypad: Keypad) -> None:
        """One look; queues itself again, so that the worker can close or reopen the device between."""
        key = keypad.wait_key(_LOOK_S)
        if key is not None:
            self._press(key.value)
        if not self._worker.is_closing:
            self._worker.run_soon(self._follow)
