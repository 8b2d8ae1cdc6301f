"""A headphone in the jack makes speech private; pulled out, the speaker stays silent until it is asked."""

from __future__ import annotations

from collections.abc import Callable

from drivers.api import HeadphoneSensor
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.watches.following import LOOK_S, follow
from kiosk.domain.ports import Voice


class HeadphoneWatch:
    """:param told: hears of each change after the voice has changed its way, on the device's thread."""

    def __init__(self, worker: DeviceWorker[HeadphoneSensor], voice: Voice, told: Callable[[bool], None]):
        self._worker = worker
        self._voice = voice
        self._told = told

    def start(self) -> None:
        follow(self._worker, self._look)

    def _look(self, sensor: HeadphoneSensor) -> None:
        plugged = sensor.wait_change(LOOK_S)
        if plugged is not None:
            self._voice.set_headphone(plugged)
            self._told(plugged)
