"""A document camera: a page laid under it is taken when it lies still, whole, sharp and without a mirrored lamp.

The process that sees does the looking (`drivers.vision.papers`).
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers import settings
from drivers.api import (
    PAGE_FAULT_OF_HINT,
    CaptureHint,
    DocumentScanner,
    OnHint,
    PageImage,
)
from drivers.codec.vision_wire import describe
from drivers.transport.camera_capture import await_picture, measures_of, picture_of
from drivers.transport.framed_camera import FramedCamera
from drivers.transport.vision_pipe import Reply

DESCRIBE = describe
TURNS = (0, 90, 180, 270)


class CameraPage(FramedCamera):
    """See `drivers.api.DocumentScanner`; `box` is where pages are laid. Own setting: `turn` (0, 90, 180, 270: how far
    clockwise a page must be turned to stand upright, where the camera looks from the side).
    """

    SIZE_PX = (2592, 1944)
    OWN_SETTINGS = ("turn",)

    def __init__(self, table: Mapping[str, object]) -> None:
        super().__init__(table)
        turn = table.get("turn", 0)
        if turn not in TURNS or isinstance(turn, bool):
            raise settings.SettingsError("turn must be 0, 90, 180 or 270")
        self._turn = turn

    def capture(self, timeout_s: float, *, on_hint: OnHint | None = None) -> PageImage:
        request = {"turn": self._turn, "box": self._box}
        nothing = CaptureHint.NO_PAGE
        return _page(await_picture(self._link, "page", request, timeout_s, PAGE_FAULT_OF_HINT, on_hint, nothing))


def _page(reply: Reply) -> PageImage:
    return PageImage(picture_of(reply, "jpeg"), picture_of(reply, "full_jpeg"), *measures_of(reply))


def DRIVER(table: Mapping[str, object]) -> DocumentScanner:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return CameraPage(table)
