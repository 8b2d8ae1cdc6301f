"""Auxiliaries: headphone, keypad, lights, doors, power."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.api.device import Device


class HeadphoneSensor(Device, Protocol):
    """XFS4IoT Auxiliaries enhancedAudioSensor: is a headphone plugged in?"""

    def wait_change(self, timeout_s: float) -> bool | None:
        """True plugged, False unplugged, None when nothing changed. :raises DeviceError:"""


class LightPosition(StrEnum):
    """XFS4IoT Lights positions; `chipCard` is this project's, beside the contactless `cardReader`."""

    CARD_READER = "cardReader"
    CHIP_CARD = "chipCard"
    RECEIPT_PRINTER = "receiptPrinter"
    DOCUMENT_PRINTER = "documentPrinter"
    SCANNER = "scanner"
    STATUS_GOOD = "statusGood"
    STATUS_BAD = "statusBad"


class Flash(StrEnum):
    """XFS4IoT Lights flashRate. The quickest flashes twice a second: three may harm (WCAG 2.3.1)."""

    OFF = "off"
    SLOW = "slow"
    MEDIUM = "medium"
    QUICK = "quick"
    CONTINUOUS = "continuous"


class Lights(Device, Protocol):
    """XFS4IoT Lights: the guide lights at the slots and the two of the terminal's own state."""

    def set(self, position: LightPosition, flash: Flash) -> None:
        """Returns when the board has confirmed it. A position without a lamp is left alone. :raises DeviceError:"""


@dataclass(frozen=True, slots=True)
class CabinetStatus:
    """One look at the cabinet."""

    door_open: bool
    temperature_c: float | None
    """None where the board measures none."""


class Cabinet(Device, Protocol):
    """XFS4IoT Auxiliaries cabinetDoor, with what else hangs on the same board."""

    def read(self) -> CabinetStatus:
        """:raises DeviceError:"""

    def switch(self, relay: str, on: bool) -> None:
        """Returns when the board has confirmed it.

        :param relay: a name of the settings' `relays`. :raises ValueError: when there is none of that name.
        :raises DeviceError:
        """


class PowerState(StrEnum):
    """Where the power comes from, as the supply says."""

    MAINS = "mains"
    BATTERY = "battery"
    BATTERY_LOW = "batteryLow"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PowerReading:
    """What a supply says of itself; None where it does not say."""

    state: PowerState
    charge_percent: float | None = None
    runtime_s: float | None = None


class Ups(Device, Protocol):
    """XFS4IoT Auxiliaries ups."""

    def power(self) -> PowerReading:
        """:raises DeviceError: UPS-003 when the service has no fresh word of the supply."""

    def wait_change(self, timeout_s: float) -> PowerReading | None:
        """The next reading with another state; the first call after `open` tells the one found then.

        None when nothing changed. :raises DeviceError:
        """


class KeypadKey(StrEnum):
    """What the keys of a tactile keypad mean, whatever their codes are."""

    DIGIT_0 = "0"
    DIGIT_1 = "1"
    DIGIT_2 = "2"
    DIGIT_3 = "3"
    DIGIT_4 = "4"
    DIGIT_5 = "5"
    DIGIT_6 = "6"
    DIGIT_7 = "7"
    DIGIT_8 = "8"
    DIGIT_9 = "9"
    ENTER = "enter"
    CLEAR = "clear"
    BACK = "back"
    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    HELP = "help"
    REPEAT = "repeat"
    LOUDER = "louder"
    SOFTER = "softer"


class Keypad(Device, Protocol):
    """XFS4IoT Keyboard.DataEntry for the keys of a tactile keypad."""

    def wait_key(self, timeout_s: float) -> KeypadKey | None:
        """The next key pressed; None when none was. A key that is held tells once. :raises DeviceError:"""
