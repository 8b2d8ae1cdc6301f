"""Reads the printed face of an identity card by camera, for cards whose chip is dead.

The process that sees does the reading (`drivers.vision.faces`). What comes is marked as read by eye: it is shown to
the resident before it counts, and no number comes that fails its check digit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from drivers import faults, settings
from drivers.api import (
    FACE_FAULT_OF_HINT,
    CaptureHint,
    CompletionCode,
    DeviceError,
    IdBack,
    IdFace,
    IdFaceReader,
    OnHint,
)
from drivers.codec.vision_wire import describe
from drivers.transport.framed_camera import FramedCamera
from drivers.transport.vision_pipe import Reply, Session

DESCRIBE = describe
Result = TypeVar("Result")


class CameraFace(FramedCamera):
    """See `drivers.api.IdFaceReader`; `box` is where cards are laid. Own setting: `places_file` (towns and villages;
    default: the ones of Xiang'an).
    """

    SIZE_PX = (1920, 1080)
    OWN_SETTINGS = ("places_file",)

    def __init__(self, table: Mapping[str, object]) -> None:
        super().__init__(table)
        self._request: dict[str, object] = {}
        if "places_file" in table:
            self._request["places"] = settings.text(table, "places_file")
        self._warming: Session | None = None

    def open(self) -> None:
        """The engine is loaded meanwhile, so that the first resident does not wait for it.

        :raises DeviceError: as `CameraLink.open`.
        """
        super().open()
        if self._warming is None:
            self._warming = self._link.start("face", {**self._request, "want": "ready"})

    def close(self) -> None:
        self._link.interrupt.shut()
        with self._link.interrupt.alone():
            warming, self._warming = self._warming, None
            if warming is not None:
                warming.close()
        super().close()

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
