"""A document camera: a page laid under it is taken when it lies still, whole, sharp and without a mirrored lamp.

The process that sees does the looking (`drivers.vision.papers`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drivers import settings
from drivers.api import (
    PAGE_FAULT_OF_HINT,
    CameraPicture,
    CaptureHint,
    DeviceStatus,
    DocumentScanner,
    OnHint,
    PageImage,
)
from drivers.codec.vision_wire import describe
from drivers.transport import camera_look
from drivers.transport.camera_capture import await_picture, measures_of, picture_of
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
        request = {"turn": self._turn, "box": self._box}
        nothing = CaptureHint.NO_PAGE
        return _page(await_picture(self._link, "page", request, timeout_s, PAGE_FAULT_OF_HINT, on_hint, nothing))

    def frame(self, box: Sequence[float] | None) -> None:
        self._box = self._own_box if box is None else settings.parts({"box": list(box)}, "box")

    def look(self, timeout_s: float) -> CameraPicture:
        return camera_look.look(self._link, timeout_s)

    @property
    def worker_pid(self) -> int | None:
        """The process that sees, for diagnostics."""
        return self._link.pid


def _page(reply: Reply) -> PageImage:
    return PageImage(picture_of(reply, "jpeg"), picture_of(reply, "full_jpeg"), *measures_of(reply))


def DRIVER(table: Mapping[str, object]) -> DocumentScanner:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return CameraPage(table)
