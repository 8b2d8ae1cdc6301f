"""One picture from the process that sees, for whoever sets the camera up."""

from __future__ import annotations

import base64
import binascii

from drivers import faults
from drivers.api import CameraPicture, CompletionCode, DeviceError
from drivers.transport.camera_link import CameraLink
from drivers.transport.vision_pipe import Reply

MOST_PX = 4096


def look(link: CameraLink, timeout_s: float) -> CameraPicture:
    """As `drivers.api.Framed.look`."""
    with link.interrupt.command():
        session = link.start("picture", {})
        try:
            reply = session.wait(link.interrupt, timeout_s)
        finally:
            session.close()
    if reply is None:
        raise DeviceError(faults.DEV_SILENT, "no picture", CompletionCode.TIME_OUT)
    return _picture(reply, link.fault)


def _picture(reply: Reply, fault: faults.Fault | None) -> CameraPicture:
    width, height = reply.get("width"), reply.get("height")
    try:
        rgb = base64.b64decode(str(reply.get("rgb")), validate=True)
    except binascii.Error as error:
        raise _unreadable() from error
    if not (isinstance(width, int) and isinstance(height, int) and 0 < width <= MOST_PX and 0 < height <= MOST_PX):
        raise _unreadable()
    if len(rgb) != width * height * 3:
        raise _unreadable()
    return CameraPicture(width, height, rgb, fault)


def _unreadable() -> DeviceError:
    return DeviceError(faults.CAM_WORKER, "picture", CompletionCode.INVALID_DATA)
