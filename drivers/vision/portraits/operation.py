"""The operation "portrait": one face that is near, still, lit and sharp becomes one reply.

Whose face it is, nobody is asked here: nothing is compared, and nothing but the picture that is taken leaves this
process.

Request: `box` as for codes. Replies: {"ev": "hint", "hint": …} when it changes; once {"ev": "portrait", "jpeg": base64,
"width", "height", "sharpness"}.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np

from drivers.api import CaptureHint
from drivers.vision import quality
from drivers.vision.codes.operation import WHOLE, box_from, cropped
from drivers.vision.frames import Frame
from drivers.vision.ops import BadRequest, Reply
from drivers.vision.quads import Picture

LOOK_EVERY_S = 0.25
LOOKED_AT_PX = 640
"""Width in which faces are sought: a face that fills a quarter of the picture's height still has 90 rows."""
LEAST_PART, NEAR_PART = 0.14, 0.3
"""Of the picture's height: what is smaller is somebody in the background; what is nearer can be taken."""
STILL_PART = 0.12
"""Of the face's height, between two looks: heads of the very old are never quite still."""
DARK_BELOW = 60.0
SHARP_FROM = 0.16
"""By `sharpness`: drawn faces in focus had 0.22 to 0.23 in every light, those that a lens blurred 0.10 to 0.12."""
FACE_PX = 240
EDGE_PERCENTILE = 99.7
SHOULDERS = (2.0, 2.5)
"""Width and height of what is taken, in heights of the face."""
ABOVE = 0.6
"""Heights of the face above it."""
JPEG_QUALITY = 90
_CASCADE = "haarcascade_frontalface_default.xml"
Box = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""


class PortraitOp:
    """`drivers.vision.ops.Op`."""

    heavy: ClassVar[bool] = True

    def __init__(self) -> None:
        self._box = WHOLE
        self._before: Box | None = None
        self._hint: CaptureHint | None = None
        self._looked_s = 0.0
        self._done = False

    def start(self, request: Mapping[str, object]) -> None:
        self._box = box_from(request.get("box", WHOLE))
        _finder()

    def on_frame(self, frame: Frame) -> list[Reply]:
        if self._done or frame.t_monotonic - self._looked_s < LOOK_EVERY_S:
            return []
        self._looked_s = frame.t_monotonic
        picture = cropped(frame.bgr, self._box)
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
        faces = faces_in(gray)
        before, self._before = self._before, faces[0] if len(faces) == 1 else None
        hint = hindrance(gray, faces)
        if hint is None and (before is None or _moved(before, faces[0])):
            if before is None:
                return []  # a face with none before it is no reason to admonish anyone
            hint = CaptureHint.HOLD_STILL
        if hint is not None:
            return self._hinted(hint)
        self._done = True
        return [_reply(head_and_shoulders(picture, faces[0]), sharpness(gray, faces[0]))]

    def stop(self) -> None:
        self._before = None
        self._done = True

    def _hinted(self, hint: CaptureHint) -> list[Reply]:
        if hint is self._hint:
            return []
        self._hint = hint
        return [{"ev": "hint", "hint": hint.value}]


@cache
def _finder() -> cv2.CascadeClassifier:
    """Finds upright faces that look at the camera; it comes with OpenCV. :raises BadRequest: it is not there."""
    finder = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / _CASCADE))
    if finder.empty():
        raise BadRequest(f"{_CASCADE} is missing from OpenCV's data")
    return finder


def faces_in(gray: Picture) -> list[Box]:
    """Every face, the largest first, in pixels of the picture."""
    scale = min(1.0, LOOKED_AT_PX / gray.shape[1])
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    least = max(24, round(LEAST_PART * small.shape[0]))
    found = _finder().detectMultiScale(small, scaleFactor=1.1, minNeighbors=6, minSize=(least, least))
    boxes = [tuple(round(float(side) / scale) for side in box) for box in found]
    return sorted(((x, y, w, h) for x, y, w, h in boxes), key=lambda box: -box[3])


def hindrance(gray: Picture, faces: list[Box]) -> CaptureHint | None:
    """Why nobody can be taken as they are now; None for one face that is near, lit and sharp."""
    if not faces:
        return CaptureHint.TOO_DARK if quality.brightness(gray) < DARK_BELOW else CaptureHint.NO_FACE
    if len(faces) > 1:
        return CaptureHint.SEVERAL_FACES
    face = faces[0]
    if face[3] < NEAR_PART * gray.shape[0]:
        return CaptureHint.TOO_FAR
    if quality.brightness(_part(gray, face)) < DARK_BELOW:
        return CaptureHint.TOO_DARK
    return CaptureHint.BLURRED if sharpness(gray, face) < SHARP_FROM else None


def sharpness(gray: Picture, face: Box) -> float:
    """The steepest edges about the eyes, in parts of the face's contrast a pixel, in one size for near and far."""
    alone = cv2.resize(_part(gray, face), (FACE_PX, FACE_PX), interpolation=cv2.INTER_AREA)
    eyes = cv2.GaussianBlur(alone[FACE_PX // 5 : FACE_PX * 3 // 5].astype(np.float32), (0, 0), 1.0)
    slope = np.hypot(cv2.Sobel(eyes, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(eyes, cv2.CV_32F, 0, 1, scale=0.125))
    dark, bright = np.percentile(eyes, (0.5, 99.5))
    return float(np.percentile(slope, EDGE_PERCENTILE) / max(bright - dark, 8.0))


def head_and_shoulders(picture: Picture, face: Box) -> Picture:
    """What is taken: as much of it as the picture has."""
    x, y, w, h = face
    wide, high = SHOULDERS[0] * h, SHOULDERS[1] * h
    left, top = x + w / 2 - wide / 2, y - ABOVE * h
    return _part(picture, (round(left), round(top), round(wide), round(high)))


def _part(picture: Picture, box: Box) -> Picture:
    x, y, w, h = box
    left, top = max(x, 0), max(y, 0)
    return np.ascontiguousarray(picture[top : max(y + h, top + 1), left : max(x + w, left + 1)])


def _moved(before: Box, now: Box) -> bool:
    ways = (abs(a - b) for a, b in zip(before, now, strict=True))
    return max(ways) > STILL_PART * now[3]


def _reply(portrait: Picture, sharp: float) -> Reply:
    """Made anew, so that nothing the camera wrote beside its picture goes on."""
    _, data = cv2.imencode(".jpg", portrait, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return {
        "ev": "portrait",
        "jpeg": base64.b64encode(data.tobytes()).decode("ascii"),
        "width": portrait.shape[1],
        "height": portrait.shape[0],
        "sharpness": round(sharp, 3),
    }
