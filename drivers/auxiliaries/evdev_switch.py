"""Headphone sensor: the sound jack's switch as the kernel reports it (SW_HEADPHONE_INSERT).

XFS4IoT Auxiliaries enhancedAudioSensor. The resident's words go to the ear when it is plugged, so a
state that is not known is reported as unknown, never guessed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from drivers import faults, settings
from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceState,
    DeviceStatus,
    HeadphoneSensor,
    MediaState,
)
from drivers.codec import input_event_wire
from drivers.codec.input_event import (
    EV_SW,
    EV_SYN,
    SW_HEADPHONE_INSERT,
    SYN_DROPPED,
    EventParser,
    InputEvent,
    bit_is_set,
)
from drivers.transport.event_node import EventNode

_MEDIA = {None: MediaState.UNKNOWN, True: MediaState.PRESENT, False: MediaState.NOT_PRESENT}


class EvdevSwitch:
    """See `drivers.api.HeadphoneSensor`. Settings: `port`, the path of the input node."""

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, "port")
        self._node = EventNode(Path(settings.text(table, "port")))
        self._parser = EventParser()
        self._plugged: bool | None = None
        self._told: bool | None = None

    def open(self) -> None:
        """:raises DeviceError: DEV-001 no node, or an input device without a headphone switch."""
        self._node.open()
        self._parser = EventParser()
        self._plugged = self._told = None
        codes = self._node.codes(EV_SW)
        if codes is not None and not bit_is_set(codes, SW_HEADPHONE_INSERT):
            self._node.close()
            raise DeviceError(faults.DEV_NOT_FOUND, "no headphone switch", CompletionCode.DEVICE_NOT_READY)
        self._ask()

    def status(self) -> DeviceStatus:
        """`media` is the plug: present, notPresent, or unknown until the first word from the device."""
        with self._node.interrupt.idle() as free:
            if not free:
                return DeviceStatus(DeviceState.DEVICE_BUSY, _MEDIA[self._plugged])
            if not self._node.is_open:
                return DeviceStatus(DeviceState.NO_DEVICE, faults=frozenset({faults.DEV_LOST.code}))
            try:
                with self._node.interrupt.command():
                    self._node.check_alive()
                    self._take(self._node.read_available(0.0))
            except DeviceError as error:
                if error.completion is CompletionCode.CANCELED:
                    return DeviceStatus(DeviceState.DEVICE_BUSY, _MEDIA[self._plugged])
                return DeviceStatus(DeviceState.NO_DEVICE, faults=frozenset({error.fault.code}))
            return DeviceStatus(DeviceState.ONLINE, _MEDIA[self._plugged])

    def cancel(self) -> None:
        self._node.interrupt.cancel()

    def reset(self) -> None:
        """Ask anew. :raises DeviceError: DEV-004."""
        with self._node.interrupt.command():
            self._ask()

    def close(self) -> None:
        self._node.close()

    def wait_change(self, timeout_s: float) -> bool | None:
        """The first call after `open` also tells the state found then. :raises DeviceError: DEV-004, DEV-005."""
        deadline_s = time.monotonic() + timeout_s
        with self._node.interrupt.command():
            while self._plugged is self._told:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    return None
                self._take(self._node.read_available(left_s))
            self._told = self._plugged
            return self._plugged

    def _take(self, data: bytes) -> None:
        if self._node.after_silence:
            self._parser.silence()
        for event in self._parser.feed(data):
            self._obey(event)

    def _obey(self, event: InputEvent) -> None:
        if (event.type, event.code) == (EV_SW, SW_HEADPHONE_INSERT):
            self._plugged = bool(event.value)
        elif (event.type, event.code) == (EV_SYN, SYN_DROPPED):
            self._ask()

    def _ask(self) -> None:
        switches = self._node.switches()
        if switches is not None:
            self._plugged = bit_is_set(switches, SW_HEADPHONE_INSERT)


DEVICE_CLASS = "headphone"
DESCRIBE = input_event_wire.describe


def DRIVER(table: Mapping[str, object]) -> HeadphoneSensor:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return EvdevSwitch(table)
