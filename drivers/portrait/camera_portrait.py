"""A camera for faces: head and shoulders of one person who looks at it, taken by itself when it can be.

The process that sees does the looking (`drivers.vision.portraits`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drivers import settings
from drivers.api import (
    PORTRAIT_FAULT_OF_HINT,
    CameraPicture,
    CaptureHint,
    DeviceStatus,
    OnHint,
    Portrait,
    PortraitCamera,
)
from drivers.codec.vision_wire import describe
from drivers.transport import camera_look
from drivers.transport.camera_capture import await_picture, measures_of, picture_of
from drivers.transport.camera_link import CAMERA_SETTINGS, CameraLink, CameraPlace

DESCRIBE = describe
WIDTH_PX, HEIGHT_PX = 1280, 720
WHOLE_PICTURE = [0.0, 0.0, 1.0, 1.0]


class CameraPortrait:
    """See `drivers.api.PortraitCamera` and `Framed`. Settings: those of `CameraPlace`, `box` = [left, top, right,
    bottom] (the part of the picture where whoever is meant sits).
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, *CAMERA_SETTINGS, "box")
        self._link = CameraLink(CameraPlace.of(table, WIDTH_PX, HEIGHT_PX))
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

    def capture(self, timeout_s: float, *, on_hint: OnHint | None = None) -> Portrait:
        request, nobody = {"box": self._box}, CaptureHint.NO_FACE
        reply = await_picture(self._link, "portrait", request, timeout_s, PORTRAIT_FAULT_OF_HINT, on_hint, nobody)
        return Portrait(picture_of(reply, "jpeg"), *measures_of(reply))

    def frame(self, box: Sequence[float] | None) -> None:
        self._box = self._own_box if box is None else settings.parts({"box": list(box)}, "box")

    def look(self, timeout_s: float) -> CameraPicture:
        return camera_look.look(self._link, timeout_s)

    @property
    def worker_pid(self) -> int | None:
        """The process that sees, for diagnostics."""
        return self._link.pid


def DRIVER(table: Mapping[str, object]) -> PortraitCamera:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return CameraPortrait(table)
