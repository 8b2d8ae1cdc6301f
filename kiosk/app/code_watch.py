"""Codes shown to the scanner: each becomes an event; what it means is decided where the visit stands."""

from __future__ import annotations

from collections.abc import Callable

from drivers.api import CodeScanner
from kiosk.app.device_hub import DeviceWorker
from kiosk.domain.visit import Ev, Event

_LOOK_S = 1.0


class CodeWatch:
    def __init__(self, worker: DeviceWorker[CodeScanner], post: Callable[[Event], None]):
        self._worker = worker
        self._post = post

    def start(self) -> None:
        self._worker.run_soon(self._follow)

    def _follow(self, scanner: CodeScanner) -> None:
        """One look; queues itself again, so that the worker can close or reopen the device between."""
        code = scanner.read(_LOOK_S)
        if code is not None:
            self._post(Event(Ev.CODE_SHOWN, code.text))
        if not self._worker.is_closing:
            self._worker.run_soon(self._follow)
