"""Waits for the one picture that an operation of the process that sees is to take, and passes its hints on."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping

from drivers import faults
from drivers.api import CaptureHint, CompletionCode, DeviceError, OnHint
from drivers.transport.camera_link import CameraLink
from drivers.transport.vision_pipe import Reply


def await_picture(
    link: CameraLink,
    operation: str,
    request: Mapping[str, object],
    timeout_s: float,
    fault_of_hint: Mapping[CaptureHint, faults.Fault],
    on_hint: OnHint | None,
    nothing: CaptureHint,
) -> Reply:
    """The reply that is called as the operation.

    :param nothing: what hinders as long as the operation has said nothing.
    :raises DeviceError: the fault of the last hint at the time-out, or what the line says.
    """
    end_s = time.monotonic() + timeout_s
    last = nothing
    with link.interrupt.command():
        session = link.start(operation, request)
        try:
            while (reply := session.wait(link.interrupt, max(0.0, end_s - time.monotonic()))) is not None:
                if reply.get("ev") == operation:
                    return reply
                if reply.get("ev") == "hint":
                    last = CaptureHint(str(reply.get("hint")))
                    if on_hint is not None:
                        on_hint(last)
        finally:
            session.close()
    raise DeviceError(fault_of_hint[last], completion=CompletionCode.TIME_OUT)


def picture_of(reply: Reply, key: str) -> bytes:
    """A JPEG of a reply. :raises DeviceError: CAM-005, it is none."""
    try:
        return base64.b64decode(str(reply.get(key)), validate=True)
    except binascii.Error as error:
        raise spoiled(str(reply.get("ev"))) from error


def measures_of(reply: Reply) -> tuple[int, int, float]:
    """Width and height in pixels, and how sharp it is. :raises DeviceError: CAM-005, they are not there."""
    width, height, sharpness = reply.get("width"), reply.get("height"), reply.get("sharpness")
    if not (isinstance(width, int) and isinstance(height, int) and isinstance(sharpness, int | float)):
        raise spoiled(str(reply.get("ev")))
    return width, height, float(sharpness)


def spoiled(what: str) -> DeviceError:
    return DeviceError(faults.CAM_WORKER, what, CompletionCode.INVALID_DATA)
