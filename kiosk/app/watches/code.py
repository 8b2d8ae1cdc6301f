"""Codes shown to the scanner: each becomes an event; what it means is decided where the visit stands."""

from __future__ import annotations

from collections.abc import Callable

from drivers.api import CodeScanner
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.watches.following import LOOK_S, follow
from kiosk.domain.visit.machine import Ev, Event


class CodeWatch:
    def __init__(self, worker: DeviceWorker[CodeScanner], post: Callable[[Event], None]):
        self._worker = worker
        self._post = post

    def start(self) -> None:
        follow(self._worker, self._look)

    def _look(self, scanner: CodeScanner) -> None:
        code = scanner.read(LOOK_S)
        if code is not None:
            self._post(Event(Ev.CODE_SHOWN, code.text))
