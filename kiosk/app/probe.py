"""Makes a device say everything it can say once, for a technician who watches its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from drivers.api import ChipCardReader, CodeScanner, Device, HeadphoneSensor, IdCardReader
from kiosk.app.diagnostics import LOOK_S, Subject, firmware_of, within

READ_S = 8.0


def probe(subject: Subject, seconds: float) -> None:
    """Open, ask for state and firmware, then wait `seconds` for what the device is there for.

    What it reads is thrown away here. :raises DeviceError, Overdue: as the device failed.
    """
    device = subject.device

    def run() -> None:
        device.open()
        device.status()
        firmware_of(device)
        _OF_CLASS.get(subject.device_class, _nothing_more)(device, seconds)

    within(2 * LOOK_S + READ_S + seconds, device, run)


def _nothing_more(device: Device, seconds: float) -> None:
    """Its state is all that it has to say unasked."""


def _card(device: Device, seconds: float) -> None:
    reader = cast(IdCardReader, device)
    if reader.wait_card(seconds):
        reader.read(READ_S)


def _chip_card(device: Device, seconds: float) -> None:
    reader = cast(ChipCardReader, device)
    if reader.wait_card(seconds):
        reader.read(READ_S)


def _code(device: Device, seconds: float) -> None:
    cast(CodeScanner, device).read(seconds)


def _plug(device: Device, seconds: float) -> None:
    """The first change is the state found at opening; the second is a hand's."""
    sensor = cast(HeadphoneSensor, device)
    sensor.wait_change(min(seconds, 0.5))
    sensor.wait_change(seconds)


_OF_CLASS: Mapping[str, Callable[[Device, float], None]] = {
    "id_card": _card,
    "chip_card": _chip_card,
    "code_scanner": _code,
    "headphone": _plug,
}
