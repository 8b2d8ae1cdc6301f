"""Makes a device say everything it can say once, for a technician who watches its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from drivers.api import ChipCardReader, CodeScanner, Device, HeadphoneSensor, IdCardReader
from kiosk.app.technician.diagnostics import LOOK_S, Subject, firmware_of, within

READ_S = 8.0


def probe(subject: Subject, seconds: float, waits_for: Callable[[str], None]) -> None:
    """Open, ask for state and firmware, then wait `seconds` for what the device is there for.

    What it reads is thrown away here. :raises DeviceError, Overdue: as the device failed.

    :param waits_for: hears what a hand may do from now on; never for a device that waits for nothing.
    """
    device = subject.device

    def run() -> None:
        device.open()
        device.status()
        firmware_of(device)
        if (what := _OF_CLASS.get(subject.device_class)) is not None:
            hand, wait = what
            waits_for(hand)
            wait(device, seconds)

    within(2 * LOOK_S + READ_S + seconds, device, run)


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


_OF_CLASS: Mapping[str, tuple[str, Callable[[Device, float], None]]] = {
    "id_card": ("an identity card", _card),
    "chip_card": ("a chip card", _chip_card),
    "code_scanner": ("a code", _code),
    "headphone": ("a plug", _plug),
}
"""What a hand may do, and how it is waited for. The state of any other device is all that it has to say unasked."""
