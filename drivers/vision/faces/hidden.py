"""Where print may be hidden though nothing is burnt out: a haze or dirt on the lamination. Pure: pictures in.

A reader leaves out what it cannot see and is sure of the rest, so its own sureness tells nothing of such a place.
Two traces remain: a gap in the row of ink, and paper that is whiter beside the row than between its strokes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.vision.faces.engine import Box
from drivers.vision.quads import Picture

INKED = 0.4
"""Of the darkness of the row's strokes: a column of pixels so dark shows ink."""
PAPER_PERCENTILE = 25
"""A lamp over half of a short row must not pass for its paper."""
LEAST_INK = 0.15
"""Of the paper's tone; weaker strokes are ground and noise."""
STEP_PX = 8
GAP = 0.45
"""In heights of a row. Between two characters that stand side by side it is 0.3 at most, where one digit lacks 0.55."""
SET_IN = 0.5
"""In heights of a row: where it begins behind the other rows, something stands before it that is not seen."""
GROUND_PERCENTILE = 85
VEIL = 0.4
"""Of the way from the paper between strokes to white; half of a stroke's contrast is gone under it."""
VEIL_TONES = 10.0
"""Less than so many tones is the light's own slope."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of print, measured along its length in pixels from `left`; empty when it shows no ink."""

    left: int
    side: int
    """Height of the row."""
    inked: NDArray[np.bool_]
    paper: float
    """Tone of the ground between strokes that can be seen."""

    @property
    def begins_px(self) -> int:
        """The first pixel with ink, from the card's left edge."""
        return self.left + int(np.argmax(self.inked))

    @property
    def widest_gap(self) -> float:
        """Between strokes, in heights of the row."""
        at = np.flatnonzero(self.inked)
        return float(np.diff(at).max(initial=0)) / self.side

    @property
    def ends(self) -> int:
        """The last pixel with ink, from the card's left edge."""
        return self.left + int(np.flatnonzero(self.inked)[-1])


def row_of(raw: Picture, boxes: Sequence[Box], from_x: float = 0.0) -> Row | None:
    """The row that these boxes make together, what stands left of `from_x` (a label) left out."""
    height, width = raw.shape[:2]
    top, bottom = (int(edge * height) for edge in (min(b.top for b in boxes), max(b.bottom for b in boxes)))
    left, right = int(max(from_x, min(b.left for b in boxes)) * width), int(max(b.right for b in boxes) * width)
    if bottom - top < 4 or right - left < 4:
        return None
    part = raw[max(0, top) : bottom, max(0, left) : right]
    gray = np.asarray(cv2.blur(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), (3, 3)), np.float32)
    ground = np.percentile(gray, GROUND_PERCENTILE, axis=0).astype(np.float32)
    # A stroke as high as the row leaves no paper in its column: the paper beside it counts.
    ground = cv2.dilate(ground[None, :], np.ones((1, max(3, len(gray) // 3)), np.uint8))[0]
    even = np.maximum(cv2.blur(ground[None, :], (2 * len(gray) + 1, 1))[0], 1.0)
    # In parts of the paper's tone: in a shadow ink is as much darker as in the light, under a haze it is not.
    dark = 1.0 - gray.min(axis=0) / even
    strongest = float(np.percentile(dark, 90))
    if strongest < LEAST_INK:
        return None
    inked = np.asarray(dark > INKED * strongest)
    if not inked.any():
        return None
    return Row(max(0, left), bottom - top, inked, float(np.percentile(ground[inked], PAPER_PERCENTILE)))


def is_veiled(raw: Picture, row: Row, box: Box) -> bool:
    """Whether a part of `box` as wide as half a character is nearer to white than the row's own paper."""
    height, width = raw.shape[:2]
    top, bottom, left, right = (
        max(0, int(edge * size))
        for edge, size in ((box.top, height), (box.bottom, height), (box.left, width), (box.right, width))
    )
    part = raw[top:bottom, left:right]
    step = max(STEP_PX, row.side // 2)
    if part.shape[0] < 4 or part.shape[1] < step:
        return False
    gray = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
    for at in range(0, gray.shape[1] - step + 1, max(1, step // 2)):
        tone = float(np.median(gray[:, at : at + step]))
        if tone - row.paper > max(VEIL_TONES, VEIL * (255.0 - row.paper)):
            return True
    return False
