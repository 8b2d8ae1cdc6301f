"""A camera for faces: head and shoulders of one person who looks at it, taken by itself when it can be.

The process that sees does the looking (`drivers.vision.portraits`).
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers.api import (
    PORTRAIT_FAULT_OF_HINT,
    CaptureHint,
    OnHint,
    Portrait,
    PortraitCamera,
)
from drivers.codec.vision_wire import describe
from drivers.transport.camera_capture import await_picture, measures_of, picture_of
from drivers.transport.framed_camera import FramedCamera

DESCRIBE = describe


class CameraPortrait(FramedCamera):
    """See `drivers.api.PortraitCamera`; `box` is where whoever is meant sits."""

    SIZE_PX = (1280, 720)

    def capture(self, timeout_s: float, *, on_hint: OnHint | None = None) -> Portrait:
        request, nobody = {"box": self._box}, CaptureHint.NO_FACE
        reply = await_picture(self._link, "portrait", request, timeout_s, PORTRAIT_FAULT_OF_HINT, on_hint, nobody)
        return Portrait(picture_of(reply, "jpeg"), *measures_of(reply))


def DRIVER(table: Mapping[str, object]) -> PortraitCamera:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return CameraPortrait(table)
