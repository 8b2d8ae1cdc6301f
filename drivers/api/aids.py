"""Auxiliaries: headphone, keypad, lights, doors, power."""

from __future__ import annotations

from typing import Protocol

from drivers.api.device import Device


class HeadphoneSensor(Device, Protocol):
    """XFS4IoT Auxiliaries enhancedAudioSensor: is a headphone plugged in?"""

    def wait_change(self, timeout_s: float) -> bool | None:
        """True plugged, False unplugged, None when nothing changed. :raises DeviceError:"""
