"""Codes read by a camera: no scanner needed where a camera looks at the box.

Reading is the work of the process that sees (`drivers.vision`); this driver asks it and hands on what was shown.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

from drivers import faults, settings
from drivers.api import CameraPicture, CodeScanner, CompletionCode, DeviceError, DeviceStatus, ScannedCode
from drivers.codec.vision_wire import describe
from drivers.transport import camera_look
from drivers.transport.camera_link import CAMERA_SETTINGS, CameraLink, CameraPlace
from drivers.transport.vision_pipe import Reply, Session

MAX_AGE_S = 2.0
"""A code that was shown between two readings is delivered by the next one, unless it is older than this."""
WHOLE_PICTURE = (0.0, 0.0, 1.0, 1.0)

DESCRIBE = describe


class CameraCodes:
    """See `drivers.api.CodeScanner` and `Framed`. Settings: those of `CameraPlace`, and `box` = [left, top, right,
    bottom], the part of the picture where codes are held, as parts of its width and height.

    Looking begins with the first reading and goes on until `cancel`, `reset` or `close`; everything that was seen
    before is thrown away then, so that no code of one resident reaches the next.
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, *CAMERA_SETTINGS, "box")
        self._link = CameraLink(CameraPlace.of(table))
        self._box = self._own_box = _box(table)
        self._session: Session | None = None
        self._stale = False

    def open(self) -> None:
        """:raises DeviceError: as `CameraLink.open`."""
        self._link.open()
        self._stale = True

    def status(self) -> DeviceStatus:
        return self._link.status()

    def cancel(self) -> None:
        self._stale = True
        self._link.cancel()

    def reset(self) -> None:
        """Forget what was seen. :raises DeviceError: CANCELED."""
        with self._link.interrupt.command():
            self._forget()

    def close(self) -> None:
        self._link.interrupt.shut()
        with self._link.interrupt.alone():
            self._forget()
        self._link.close()

    def read(self, timeout_s: float) -> ScannedCode | None:
        """:raises DeviceError: DEV-001…005; CAM-001…005 when the camera still sees nothing at the time-out."""
        with self._link.interrupt.command():
            if self._stale:
                self._forget()
            if self._session is None:
                self._session = self._link.start("codes", {"box": list(self._box)})
            reply = self._session.wait(self._link.interrupt, timeout_s, MAX_AGE_S)
            return None if reply is None else _code(reply)

    def frame(self, box: Sequence[float] | None) -> None:
        """What was seen in the other part is thrown away with the next reading."""
        self._box = self._own_box if box is None else _box({"box": list(box)})
        self._stale = True

    def look(self, timeout_s: float) -> CameraPicture:
        return camera_look.look(self._link, timeout_s)

    @property
    def worker_pid(self) -> int | None:
        """The process that sees, for diagnostics."""
        return self._link.pid

    def _forget(self) -> None:
        self._stale = False
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _box(table: Mapping[str, object]) -> tuple[float, ...]:
    value = table.get("box", list(WHOLE_PICTURE))
    parts = value if isinstance(value, list) else []
    numbers = [float(part) for part in parts if isinstance(part, int | float) and not isinstance(part, bool)]
    if len(numbers) != 4 or len(parts) != 4:
        raise settings.SettingsError("box must be [left, top, right, bottom]")
    left, top, right, bottom = numbers
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise settings.SettingsError("box: left before right and top before bottom, all within 0 to 1")
    return tuple(numbers)


def _code(reply: Reply) -> ScannedCode:
    symbology, text, raw = reply.get("symbology"), reply.get("text"), reply.get("raw")
    try:
        if isinstance(symbology, str) and isinstance(text, str) and isinstance(raw, str) and text:
            return ScannedCode(symbology, text, base64.b64decode(raw, validate=True))
    except binascii.Error:
        pass
    raise DeviceError(faults.SCN_UNREADABLE, "the process that sees", CompletionCode.INVALID_DATA)


def DRIVER(table: Mapping[str, object]) -> CodeScanner:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return CameraCodes(table)
