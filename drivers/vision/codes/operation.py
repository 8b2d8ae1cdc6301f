"""The operation "codes": every code that is shown becomes one reply. What it says is never logged.

Request: `box` = [left, top, right, bottom] as parts of the picture (optional): where codes are held.
Reply: {"ev": "code", "symbology": "qr", "text": …, "raw": base64}.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from drivers.vision.codes.believing import Believing, Sighting, without_rivals
from drivers.vision.codes.gate import MotionGate
from drivers.vision.codes.plan import Plan
from drivers.vision.codes.readers import Found
from drivers.vision.frames import Frame, Picture
from drivers.vision.ops import BadRequest, Reply

_HOW_SURE = tuple(Sighting)
WHOLE = (0.0, 0.0, 1.0, 1.0)
Box = tuple[float, float, float, float]


class CodesOp:
    """`drivers.vision.ops.Op`."""

    heavy: ClassVar[bool] = False

    def __init__(self) -> None:
        self._box: Box = WHOLE
        self._stop()

    def start(self, request: Mapping[str, object]) -> None:
        self._box = box_from(request.get("box", WHOLE))

    def on_frame(self, frame: Frame) -> list[Reply]:
        moved = self._gate.moved(cropped(frame.thumb, self._box))
        steps = self._plan.steps(moved, frame.t_monotonic)
        if not steps:
            return []
        began_s = time.thread_time()
        gray = cropped(frame.gray, self._box)
        told: list[Reply] = []
        most = Sighting.NOTHING
        for step in steps:
            for code in without_rivals(step(gray)):
                sighting = self._believing.sighted(code, step.name, frame.t_monotonic, is_strict=step.is_strict)
                told += [_reply(code)] if sighting is Sighting.NEW else []
                most = max(most, sighting, key=_HOW_SURE.index)
            if most in (Sighting.NEW, Sighting.STILL_THERE):
                break
        self._plan.spent(time.thread_time() - began_s, most)
        return told

    def stop(self) -> None:
        self._stop()

    def _stop(self) -> None:
        self._gate, self._plan, self._believing = MotionGate(), Plan(), Believing()


def box_from(value: object) -> Box:
    """:raises BadRequest: unless four parts of the picture, left before right, top before bottom."""
    if isinstance(value, list | tuple) and len(value) == 4:
        parts = [float(part) for part in value if isinstance(part, int | float) and not isinstance(part, bool)]
        if len(parts) == 4 and 0 <= parts[0] < parts[2] <= 1 and 0 <= parts[1] < parts[3] <= 1:
            return parts[0], parts[1], parts[2], parts[3]
    raise BadRequest("box is [left, top, right, bottom] in parts of the picture")


def cropped(picture: Picture, box: Box) -> Picture:
    """The part within the box, at least one pixel."""
    height, width = picture.shape[:2]
    left, top = int(box[0] * width), int(box[1] * height)
    right, bottom = max(left + 1, round(box[2] * width)), max(top + 1, round(box[3] * height))
    return np.ascontiguousarray(picture[top:bottom, left:right])


def _reply(found: Found) -> Reply:
    raw = base64.b64encode(found.raw).decode("ascii")
    return {"ev": "code", "symbology": found.symbology, "text": found.text, "raw": raw}
