"""A headphone in the jack makes speech private; pulled out, the speaker stays silent until it is asked."""

from __future__ import annotations

from drivers.api import HeadphoneSensor
from kiosk.app.device_hub import DeviceWorker
from kiosk.domain.ports import Voice

_LOOK_S = 1.0


class HeadphoneWatch:
    def __init__(self, worker: DeviceWorker[HeadphoneSensor], voice: Voice):
        self._worker = worker
        self._voice = voice

    def start(self) -> None:
        self._worker.run_soon(self._follow)

    def _follow(self, sensor: HeadphoneSensor) -> None:
        """One look; queues itself again, so that the worker can close or reopen the device between."""
        plugged = sensor.wait_change(_LOOK_S)
        if plugged is not None:
            self._voice.set_headphone(plugged)
        if not self._worker.is_closing:
            self._worker.run_soon(self._follow)
