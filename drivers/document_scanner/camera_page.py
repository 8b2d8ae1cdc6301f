"""A document camera: a page laid under it is taken when it lies still, whole, sharp and without a mirrored lamp.

The process that sees does the looking (`drivers.vision.papers`).
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping, Sequence

from drivers import faults, settings
from drivers.api import (
    PAGE_FAULT_OF_HINT,
    CameraPicture,
    CaptureHint,
    CompletionCode,
    DeviceError,
    DeviceStatus,
    DocumentScanner,
    OnHint,
    PageImage,
)
from drivers.codec.vision_wire import describe
from drivers.transport import camera_look
from drivers.transport.camera_link import CAMERA_SETTINGS, CameraLink, CameraPlace
from drivers.transport.vision_pipe import Reply

DESCRIBE = describe
WIDTH_PX, HEIGHT_PX = 2592, 1944
TURNS = (0, 90, 180, 270)
WHOLE_PICTURE = [0.0, 0.0, 1.0, 1.0]


class CameraPage:
    """See `drivers.api.DocumentScanner` and `Framed`. Settings: those of `CameraPlace`, `box` = [left, top, right,
    bottom] (the part of the picture where pages are laid), `turn` (0, 90, 180, 270: how far clockwise a page must be
    turned to stand upright, where the camera looks from the side).
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, *CAMERA_SETTINGS, "box", "turn")
        self._link = CameraLink(CameraPlace.of(table, WIDTH_PX, HEIGHT_PX))
        turn = table.get("turn", 0)
        if turn not in TURNS or isinstance(turn, bool):
            raise settings.SettingsError("turn must be 0, 90, 180 or 270")
        self._turn = turn
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

    def capture(self, timeout_s: float, *, on_hint: OnHint | None = None) -> PageImage:
        end_s = time.monotonic() + timeout_s
        last = CaptureHint.NO_PAGE
        with self._link.interrupt.command():
            session = self._link.start("page", {"turn": self._turn, "box": self._box})
            try:
                while (reply := session.wait(self._link.interrupt, max(0.0, end_s - time.monotonic()))) is not None:
                    if reply.get("ev") == "page":
                        return _page(reply)
                    if reply.get("ev") == "hint":
                        last = CaptureHint(str(reply.get("hint")))
                        if on_hint is not None:
                            on_hint(last)
            finally:
                session.close()
        raise DeviceError(PAGE_FAULT_OF_HINT[last], completion=CompletionCode.TIME_OUT)

    def frame(self, box: Sequence[float] | None) -> None:
        self._box = self._own_box if box is None else settings.parts({"box": list(box)}, "box")

    def look(self, timeout_s: float) -> CameraPicture:
        return camera_look.look(self._link, timeout_s)

    @property
    def worker_pid(self) -> int | None:
        """The process that sees, for diagnostics."""
        return self._link.pid


def _page(reply: Reply) -> PageImage:
    width, height, sharpness = reply.get("width"), reply.get("height"), reply.get("sharpness")
    try:
        jpeg, full_jpeg = (base64.b64decode(str(reply.get(key)), validate=True) for key in ("jpeg", "full_jpeg"))
    except binascii.Error as error:
        raise DeviceError(faults.CAM_WORKER, "page", CompletionCode.INVALID_DATA) from error
    if not (isinstance(width, int) and isinstance(height, int) and isinstance(sharpness, int | float)):
        raise DeviceError(faults.CAM_WORKER, "page", CompletionCode.INVALID_DATA)
    return PageImage(jpeg, full_jpeg, width, height, float(sharpness))


def DRIVER(table: Mapping[str, object]) -> DocumentScanner:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return CameraPage(table)
