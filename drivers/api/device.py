"""What every device has: states, results, errors, the small protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from drivers.faults import Fault


class DeviceState(StrEnum):
    """XFS4IoT Common.Status `device` (the two fraud values are not used)."""

    ONLINE = "online"
    OFFLINE = "offline"
    POWER_OFF = "powerOff"
    NO_DEVICE = "noDevice"
    HARDWARE_ERROR = "hardwareError"
    USER_ERROR = "userError"
    DEVICE_BUSY = "deviceBusy"
    STARTING = "starting"


class MediaState(StrEnum):
    """XFS4IoT CardReader and Printer `media`."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    NOT_PRESENT = "notPresent"
    JAMMED = "jammed"
    ENTERING = "entering"
    LATCHED = "latched"


class PaperSupply(StrEnum):
    """XFS4IoT Printer `paperSupply`. A printer that does not answer is UNKNOWN, never FULL."""

    UNKNOWN = "unknown"
    FULL = "full"
    LOW = "low"
    OUT = "out"
    JAMMED = "jammed"


class CompletionCode(StrEnum):
    """XFS4IoT completion codes."""

    SUCCESS = "success"
    CANCELED = "canceled"
    DEVICE_NOT_READY = "deviceNotReady"
    HARDWARE_ERROR = "hardwareError"
    INTERNAL_ERROR = "internalError"
    INVALID_DATA = "invalidData"
    TIME_OUT = "timeOut"
    UNSUPPORTED_COMMAND = "unsupportedCommand"
    UNSUPPORTED_DATA = "unsupportedData"
    USER_ERROR = "userError"
    SEQUENCE_ERROR = "sequenceError"
    COMMAND_ERROR_CODE = "commandErrorCode"


class DeviceError(Exception):
    """A device could not do what was asked; `fault` says why, `completion` how it ended.

    The original exception is kept as `__cause__`. The text carries no personal data.
    """

    def __init__(self, fault: Fault, detail: str = "", completion: CompletionCode = CompletionCode.HARDWARE_ERROR):
        super().__init__(f"{fault.code} {fault.name}: {detail}" if detail else f"{fault.code} {fault.name}")
        self.fault = fault
        self.detail = detail
        self.completion = completion


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One reading of a device's state; what a device cannot know stays UNKNOWN or None."""

    state: DeviceState
    media: MediaState = MediaState.UNKNOWN
    paper: PaperSupply = PaperSupply.UNKNOWN
    cover_open: bool | None = None
    faults: frozenset[str] = frozenset()
    """Codes of the faults that hold now, e.g. `PRN-002`."""
    pages_left: int | None = None
    """Of a printer: at least so many more pages until its paper ends. None when nobody can know."""


@runtime_checkable
class Device(Protocol):
    """What every driver can do. `cancel` and `close` may come from another thread."""

    def open(self) -> None:
        """Open the port and prove that the expected device answers. :raises DeviceError:"""

    def status(self) -> DeviceStatus:
        """Ask the device; never raises for a lost device, that is a state."""

    def cancel(self) -> None:
        """End the running command within 100 ms; it raises DeviceError with CANCELED.

        A cancel while none runs does nothing: it does not concern the next command.
        """

    def reset(self) -> None:
        """Bring the device back to a known state. :raises DeviceError:"""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """What a device says about itself, for technicians; empty where it cannot say."""

    product: str = ""
    firmware: str = ""
    serial: str = ""


@runtime_checkable
class Identified(Protocol):
    """A device that can be asked who it is."""

    def identity(self) -> DeviceIdentity:
        """:raises DeviceError: when it does not answer."""


DeviceFactory = Callable[[Mapping[str, object]], Device]
"""Every `drivers/<class>/<model>.py` exposes `DRIVER: DeviceFactory`; the mapping is its devices.toml table."""
