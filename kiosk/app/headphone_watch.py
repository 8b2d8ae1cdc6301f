"""A headphone in the jack makes speech private; pulled out, the speaker stays silent until it is asked."""

from __future__ import annotations

from drivers.api import HeadphoneSensor
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.following import LOOK_S, follow
from kiosk.domain.ports import Voice


class HeadphoneWatch:
    def __init__(self, worker: DeviceWorker[HeadphoneSensor], voice: Voice):
        self._worker = worker
        self._voice = voice

    def start(self) -> None:
        follow(self._worker, self._look)

    def _look(self, sensor: HeadphoneSensor) -> None:
        plugged = sensor.wait_change(LOOK_S)
        if plugged is not None:
            self._voice.set_headphone(plugged)
