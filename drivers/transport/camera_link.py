"""What every driver that sees through a camera shares: the way to the process that sees, and the device's states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drivers import faults, settings
from drivers.api import CompletionCode, DeviceError, DeviceState, DeviceStatus, MediaState
from drivers.faults import Fault
from drivers.transport.interrupt import Interrupt
from drivers.transport.vision_pipe import Session, VisionPipe

CAMERA_SETTINGS = ("port", "width", "height", "fps")
"""Keys of devices.toml that every driver with a camera has."""
_STILL_THERE = (faults.CAM_COVERED, faults.CAM_WASHED_OUT)
"""The camera works and sees nothing: a hand or the sun, which may go away."""
_STATE_OF_FAULT: Mapping[str, DeviceState] = {
    faults.DEV_NOT_FOUND.code: DeviceState.NO_DEVICE,
    faults.DEV_LOST.code: DeviceState.NO_DEVICE,
    faults.DEV_SILENT.code: DeviceState.OFFLINE,
    faults.DEV_DENIED.code: DeviceState.OFFLINE,
    faults.CAM_COVERED.code: DeviceState.USER_ERROR,
    faults.CAM_WASHED_OUT.code: DeviceState.USER_ERROR,
}


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """Which camera, and what is asked of it.

    `port`: a V4L2 device path, an http(s) address, or a file that holds one.
    """

    port: str
    width: int = 1280
    height: int = 720
    fps: int = 15

    @classmethod
    def of(cls, table: Mapping[str, object], width: int = 1280, height: int = 720) -> CameraPlace:
        """From a devices.toml table. :raises SettingsError:"""
        return cls(
            settings.text(table, "port"),
            settings.whole(table, "width", width),
            settings.whole(table, "height", height),
            settings.whole(table, "fps", 15),
        )


class CameraLink:
    """One driver's share of the process that sees. One thread runs commands; `cancel` and `close` may come from
    another.
    """

    def __init__(self, place: CameraPlace) -> None:
        self._place = place
        self._pipe: VisionPipe | None = None
        self.interrupt = Interrupt()

    def open(self) -> None:
        """Have the camera prove itself by new pictures. A covered or dazzled one is there.

        :raises DeviceError: DEV-001 missing, DEV-002 silent, DEV-003 no pictures, DEV-004 lost, DEV-006 not allowed,
            CAM-001 frozen, CAM-004 wrong size, CAM-005 the process does not run.
        """
        self.interrupt.reopen()
        with self.interrupt.command():
            place = self._place
            if "://" not in place.port and not place.port.isdecimal() and not Path(place.port).exists():
                self._release()
                raise DeviceError(faults.DEV_NOT_FOUND, "no such device", CompletionCode.DEVICE_NOT_READY)
            if self._pipe is None:
                self._pipe = VisionPipe.shared(place.port, width=place.width, height=place.height, fps=place.fps)
            try:
                fault = self._pipe.look(self.interrupt)
            except DeviceError:
                self._release()
                raise
            if fault is not None and fault not in _STILL_THERE:
                self._release()
                raise DeviceError(fault, "camera", CompletionCode.DEVICE_NOT_READY)

    def status(self) -> DeviceStatus:
        """Asks for new pictures; a camera that sees nothing is no error to raise but a state."""
        with self.interrupt.idle() as free:
            if not free:
                return DeviceStatus(DeviceState.DEVICE_BUSY)
            try:
                with self.interrupt.command():
                    return status_of(self._pipe.look(self.interrupt) if self._pipe else faults.DEV_NOT_FOUND)
            except DeviceError as error:
                if error.completion is CompletionCode.CANCELED and self._pipe is not None:
                    return DeviceStatus(DeviceState.DEVICE_BUSY)
                return status_of(faults.DEV_NOT_FOUND)

    def start(self, op: str, request: Mapping[str, object]) -> Session:
        """Run an operation of `drivers.vision.ops`; the caller closes it. :raises DeviceError: DEV-004 not open."""
        if self._pipe is None:
            raise DeviceError(faults.DEV_LOST, "not open", CompletionCode.DEVICE_NOT_READY)
        return self._pipe.start(op, request)

    @property
    def is_open(self) -> bool:
        return self._pipe is not None

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the camera, as far as it is known."""
        return self._pipe.fault if self._pipe else faults.DEV_NOT_FOUND

    @property
    def pid(self) -> int | None:
        """The process that sees, for diagnostics."""
        return self._pipe.pid if self._pipe else None

    def cancel(self) -> None:
        self.interrupt.cancel()

    def close(self) -> None:
        """End the running command and give the camera back. Safe from any thread and more than once."""
        self.interrupt.shut()
        with self.interrupt.alone():
            self._release()

    def _release(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.release()


def status_of(fault: Fault | None) -> DeviceStatus:
    """The device's state from what is wrong with its camera."""
    if fault is None:
        return DeviceStatus(DeviceState.ONLINE, MediaState.UNKNOWN)
    state = _STATE_OF_FAULT.get(fault.code, DeviceState.HARDWARE_ERROR)
    return DeviceStatus(state, MediaState.UNKNOWN, faults=frozenset({fault.code}))
