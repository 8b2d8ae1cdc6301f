"""What every camera driver that looks at one part of its picture shares: the link to the process that sees, the box,
the live picture. A device class adds what it takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from drivers import settings
from drivers.api import CameraPicture, DeviceStatus
from drivers.transport import camera_look
from drivers.transport.camera_link import CAMERA_SETTINGS, CameraLink, CameraPlace

WHOLE_PICTURE = [0.0, 0.0, 1.0, 1.0]


class FramedCamera:
    """`drivers.api.Device` and `Framed`. Settings: those of `CameraPlace`, `box` = [left, top, right, bottom] (the part
    of the picture that counts), and `OWN_SETTINGS` of the driver.
    """

    SIZE_PX: ClassVar[tuple[int, int]]
    """Width and height that the camera is asked for where the table says nothing."""
    OWN_SETTINGS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, *CAMERA_SETTINGS, "box", *self.OWN_SETTINGS)
        self._link = CameraLink(CameraPlace.of(table, *self.SIZE_PX))
        self._own_box = settings.parts(table, "box") if "box" in table else WHOLE_PICTURE
        self._box = self._own_box

    def open(self) -> None:
        """:raises DeviceError: as `CameraLink.open`."""
        self._link.open()

    def status(self) -> DeviceStatus:
        return self._link.status()

    def cancel(self) -> None:
        self._link.cancel()

    def reset(self) -> None:
        """Nothing is kept between two commands. :raises DeviceError: CANCELED."""
        with self._link.interrupt.command():
            pass

    def close(self) -> None:
        self._link.close()

    def frame(self, box: Sequence[float] | None) -> None:
        self._box = self._own_box if box is None else settings.parts({"box": list(box)}, "box")

    def look(self, timeout_s: float) -> CameraPicture:
        return camera_look.look(self._link, timeout_s)

    @property
    def worker_pid(self) -> int | None:
        """The process that sees, for diagnostics."""
        return self._link.pid
