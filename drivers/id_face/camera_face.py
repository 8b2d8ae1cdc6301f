"""Reads the printed face of an identity card by camera, for cards whose chip is dead.

The process that sees does the reading (`drivers.vision.faces`). What comes is marked as read by eye: it is shown to
the resident before it counts, and no number comes that fails its check digit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from drivers import faults, settings
from drivers.api import (
    FACE_FAULT_OF_HINT,
    CameraPicture,
    CaptureHint,
    CompletionCode,
    DeviceError,
    DeviceStatus,
    IdBack,
    IdFace,
    IdFaceReader,
    OnHint,
)
from drivers.codec.vision_wire import describe
from drivers.transport import camera_look
from drivers.transport.camera_link import CAMERA_SETTINGS, CameraLink, CameraPlace
from drivers.transport.vision_pipe import Reply, Session

DESCRIBE = describe
WIDTH_PX, HEIGHT_PX = 1920, 1080
WHOLE_PICTURE = [0.0, 0.0, 1.0, 1.0]
Result = TypeVar("Result")


class CameraFace:
    """See `drivers.api.IdFaceReader` and `Framed`. Settings: those of `CameraPlace`, `box` = [left, top, right,
    bottom] (the part of the picture where cards are laid), `places_file` (towns and villages; default: the ones of
    Xiang'an).
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, *CAMERA_SETTINGS, "box", "places_file")
        self._link = CameraLink(CameraPlace.of(table, WIDTH_PX, HEIGHT_PX))
        self._request: dict[str, object] = {}
        self._own_box = settings.parts(table, "box") if "box" in table else WHOLE_PICTURE
        self._box = self._own_box
        if "places_file" in table:
            self._request["places"] = settings.text(table, "places_file")
        self._warming: Session | None = None

    def open(self) -> None:
        """The engine is loaded meanwhile, so that the first resident does not wait for it.

        :raises DeviceError: as `CameraLink.open`.
        """
        self._link.open()
        if self._warming is None:
            self._warming = self._link.start("face", {**self._request, "want": "ready"})

    def status(self) -> DeviceStatus:
        return self._link.status()

    def cancel(self) -> None:
        self._link.cancel()

    def reset(self) -> None:
        """Nothing is kept between two commands. :raises DeviceError: CANCELED."""
        with self._link.interrupt.command():
            pass

    def close(self) -> None:
        self._link.interrupt.shut()
        with self._link.interrupt.alone():
            warming, self._warming = self._warming, None
            if warming is not None:
                warming.close()
        self._link.close()

    def wait_face(self, timeout_s: float) -> bool:
        def seen(reply: Reply) -> bool | None:
            return True if reply.get("ev") == "seen" and reply.get("present") is True else None

        return self._follow("presence", timeout_s, seen, None) is True

    def read(self, timeout_s: float, *, on_hint: OnHint | None = None) -> IdFace:
        return self._wanted("front", timeout_s, _face, on_hint)

    def read_back(self, timeout_s: float, *, on_hint: OnHint | None = None) -> IdBack:
        return self._wanted("back", timeout_s, _back, on_hint)

    def _wanted(
        self, want: str, timeout_s: float, taken: Callable[[Reply], Result | None], on_hint: OnHint | None
    ) -> Result:
        last = CaptureHint.NO_PAGE

        def hinted(hint: CaptureHint) -> None:
            nonlocal last
            last = hint
            if on_hint is not None:
                on_hint(hint)

        found = self._follow(want, timeout_s, taken, hinted)
        if found is None:
            raise DeviceError(FACE_FAULT_OF_HINT[last], want, CompletionCode.TIME_OUT)
        return found

    def _follow(
        self, want: str, timeout_s: float, taken: Callable[[Reply], Result | None], hinted: OnHint | None
    ) -> Result | None:
        """What the first fitting reply says; None at the time-out."""
        end_s = time.monotonic() + timeout_s
        with self._link.interrupt.command():
            session = self._link.start("face", {**self._request, "box": self._box, "want": want})
            try:
                while (reply := session.wait(self._link.interrupt, max(0.0, end_s - time.monotonic()))) is not None:
                    if reply.get("ev") == "no_engine":
                        raise DeviceError(faults.FAC_ENGINE, "rapidocr", CompletionCode.INTERNAL_ERROR)
                    if (found := taken(reply)) is not None:
                        return found
                    if reply.get("ev") == "hint" and hinted is not None:
                        hinted(CaptureHint(str(reply.get("hint"))))
            finally:
                session.close()
        return None

    def frame(self, box: Sequence[float] | None) -> None:
        self._box = self._own_box if box is None else settings.parts({"box": list(box)}, "box")

    def look(self, timeout_s: float) -> CameraPicture:
        return camera_look.look(self._link, timeout_s)

    @property
    def worker_pid(self) -> int | None:
        """The process that sees, for diagnostics."""
        return self._link.pid


def _face(reply: Reply) -> IdFace | None:
    if reply.get("ev") != "face":
        return None
    return IdFace(
        name=str(reply["name"]),
        sex=str(reply["sex"]),
        nation=str(reply["nation"]),
        birth=date.fromisoformat(str(reply["birth"])),
        address=str(reply["address"]),
        number=str(reply["number"]),
        uncertain=_uncertain(reply),
    )


def _back(reply: Reply) -> IdBack | None:
    if reply.get("ev") != "back":
        return None
    until = str(reply["valid_until"])
    return IdBack(
        issuer=str(reply["issuer"]),
        valid_from=date.fromisoformat(str(reply["valid_from"])),
        valid_until=date.fromisoformat(until) if until else None,
        uncertain=_uncertain(reply),
    )


def _uncertain(reply: Reply) -> tuple[str, ...]:
    names = reply.get("uncertain")
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def DRIVER(table: Mapping[str, object]) -> IdFaceReader:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return CameraFace(table)
