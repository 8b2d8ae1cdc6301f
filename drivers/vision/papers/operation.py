"""The operation "page": a page that lies still, whole and sharp becomes one reply.

Request: `box` as for codes; `turn` = 0, 90, 180 or 270: by how many degrees clockwise the page must be turned to
stand upright.
Replies: {"ev": "hint", "hint": …} when it changes; once {"ev": "page", "jpeg": base64, "full_jpeg": base64, "width",
"height", "sharpness"}.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import ClassVar

import cv2
import numpy as np

from drivers.api import CaptureHint
from drivers.vision import quality
from drivers.vision.codes.operation import WHOLE, box_from, cropped
from drivers.vision.frames import Frame
from drivers.vision.ops import BadRequest, Reply
from drivers.vision.papers import outline
from drivers.vision.papers.flatten import evened
from drivers.vision.quads import GOOD_SCORE, Floats, Picture, Quad, find_quad, straighten

ASPECT = 297.0 / 210.0
LONG_SIDE_PX = 2339
"""A4 at 200 dpi; a page that was photographed smaller is not enlarged."""
STILL = 0.012
"""Of the page's width between two pictures."""
LOOK_EVERY_S = 0.15
LOOKED_AT_PX = 800
DARK_BELOW = 40.0
SHARP_FROM = 0.22
"""By `quality.sharpness`: in a series of drawn pages sharp ones had 0.29 to 0.37 in every light, soft ones 0.13 to
0.17.
"""
GLARE_FROM = 0.01
CUT_OFF_AREA = 0.12
TURNS = (0, 90, 180, 270)
PAGE_QUALITY, FULL_QUALITY = 75, 85


class PageOp:
    """`drivers.vision.ops.Op`."""

    heavy: ClassVar[bool] = True

    def __init__(self) -> None:
        self._box = WHOLE
        self._turn = 0
        self._before: Floats | None = None
        self._hint: CaptureHint | None = None
        self._looked_s = 0.0
        self._done = False

    def start(self, request: Mapping[str, object]) -> None:
        self._box = box_from(request.get("box", WHOLE))
        turn = request.get("turn", 0)
        if turn not in TURNS or not isinstance(turn, int):
            raise BadRequest("turn is 0, 90, 180 or 270")
        self._turn = turn

    def on_frame(self, frame: Frame) -> list[Reply]:
        if self._done or frame.t_monotonic - self._looked_s < LOOK_EVERY_S:
            return []
        self._looked_s = frame.t_monotonic
        picture = cropped(frame.bgr, self._box)
        quad = find_quad(picture, ASPECT, LOOKED_AT_PX)
        is_first = self._before is None
        hint = no_page(quad) or self._unsteady(quad)
        if is_first and hint is CaptureHint.HOLD_STILL:
            return []  # a picture with none before it is no reason to admonish anyone
        if hint is not None and quality.is_night(picture):
            hint = CaptureHint.TOO_DARK
        if hint is None and quad is not None:
            hint, sharp = spoiled(picture, quad.corners)
            if hint is None:
                self._done = True
                return [_reply(self._taken(picture, quad.corners), frame.bgr, sharp)]
        return self._hinted(hint)

    def stop(self) -> None:
        self._before = None
        self._done = True

    def _unsteady(self, quad: Quad | None) -> CaptureHint | None:
        before, self._before = self._before, None if quad is None else quad.corners
        if quad is None:
            return None
        if before is None or quality.moved(before, quad.corners) > STILL:
            return CaptureHint.HOLD_STILL
        return None

    def _taken(self, picture: Picture, corners: Floats) -> Picture:
        page = flat_page(picture, corners)
        return np.ascontiguousarray(np.rot90(page, -self._turn // 90))

    def _hinted(self, hint: CaptureHint | None) -> list[Reply]:
        if hint is None or hint is self._hint:
            return []
        self._hint = hint
        return [{"ev": "hint", "hint": hint.value}]


def no_page(quad: Quad | None) -> CaptureHint | None:
    """Why no page is seen; None when one lies there whole."""
    if quad is None:
        return CaptureHint.NO_PAGE
    if quad.reaches_out(CUT_OFF_AREA):
        return CaptureHint.CUT_OFF
    return CaptureHint.NO_PAGE if quad.score < GOOD_SCORE else None


def spoiled(picture: Picture, corners: Floats) -> tuple[CaptureHint | None, float]:
    """Why a page that lies there cannot be taken, and how sharp it is."""
    quad = Quad(corners, 0.0, False)
    size = max(32, min(LONG_SIDE_PX, round(quad.width_px))), max(32, min(LONG_SIDE_PX, round(quad.height_px)))
    alone = straighten(picture, corners, size)
    if quality.brightness(alone) < DARK_BELOW:
        return CaptureHint.TOO_DARK, 0.0
    sharp = quality.sharpness(np.asarray(cv2.cvtColor(alone, cv2.COLOR_BGR2GRAY), np.uint8))
    if quality.glare_share(alone) > GLARE_FROM:
        return CaptureHint.GLARE, sharp
    # An empty page has no strokes to judge by; it is taken as it is.
    return (CaptureHint.BLURRED if 0.0 < sharp < SHARP_FROM else None), sharp


def flat_page(picture: Picture, corners: Floats) -> Picture:
    """The page alone, flat and evenly lit, as it lies; A4 at 200 dpi at most."""
    gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    sides = outline.trace(gray, corners)
    width, height = outline.lengths(sides)
    long = min(LONG_SIDE_PX, round(max(width, height)))
    short = round(long / ASPECT)
    size = (long, short) if width > height else (short, long)
    return evened(outline.spread(picture, sides, size))


def _reply(page: Picture, whole: Picture, sharp: float) -> Reply:
    return {
        "ev": "page",
        "jpeg": _base64_jpeg(page, PAGE_QUALITY),
        "full_jpeg": _base64_jpeg(whole, FULL_QUALITY),
        "width": page.shape[1],
        "height": page.shape[0],
        "sharpness": round(sharp, 3),
    }


def _base64_jpeg(picture: Picture, quality_percent: int) -> str:
    """Made anew, so that nothing the camera wrote beside its picture goes on."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality_percent])
    return base64.b64encode(data.tobytes()).decode("ascii")
