"""Whether a straightened page or card can be read: sharp enough, no mirrored lamp, light enough. Pure functions.

Sharpness is a ratio of fine to coarse detail on the strokes alone. The plain variance of a Laplacian is no measure:
a sharp page in a shadow has less of it than a soft one in the light.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.vision.quads import Floats, Picture

FINE_PX, COARSE_PX = 0.8, 3.0
STROKE_CONTRAST = 0.35
"""Of the strongest contrast in the picture; weaker places are ground and noise."""
GLARE_FROM = 252
NIGHT_BELOW = 30.0


def sharpness(gray: Picture) -> float:
    """Fine over coarse detail on strokes, 0 to about 0.6; 0 when there are no strokes."""
    values = gray.astype(np.float32)
    fine = np.abs(values - cv2.GaussianBlur(values, (0, 0), FINE_PX))
    coarse = np.abs(values - cv2.GaussianBlur(values, (0, 0), COARSE_PX))
    strongest = float(np.percentile(coarse, 99.5))
    if strongest < 4.0:
        return 0.0
    strokes = coarse > STROKE_CONTRAST * strongest
    return float(fine[strokes].mean() / coarse[strokes].mean())


def glare_share(picture: Picture) -> float:
    """The part of the picture that is burnt out in every colour."""
    return float((picture.min(axis=2) >= GLARE_FROM).mean())


def brightness(picture: Picture) -> float:
    """The tone of its ground, 0 to 255: strokes and stamps do not count."""
    return float(np.percentile(picture[::4, ::4], 75))


def is_night(picture: Picture) -> bool:
    """Nothing in the whole picture is light: whatever shape was found in it, the reason is the light."""
    return float(np.percentile(picture[::8, ::8], 98)) < NIGHT_BELOW


def moved(before: Floats, now: Floats) -> float:
    """How far the corners went, in parts of the thing's width."""
    width = float(np.linalg.norm(now[1] - now[0]))
    return float(np.abs(now - before).max()) / max(width, 1.0)


def evened(picture: Picture) -> Picture:
    """Full contrast for a dim or flat picture, colours kept."""
    values = picture.astype(np.float32)
    low, high = np.percentile(picture[::4, ::4], (0.5, 90))
    if high - low < 8:
        return picture
    gain = min(225.0 / (high - low), 8.0)
    return np.asarray(np.clip((values - low) * gain + 10, 0, 255), np.uint8)


def noise(gray: NDArray[np.uint8]) -> float:
    """The grain's standard deviation, by the median of a second difference (robust against strokes)."""
    values = gray[::2].astype(np.float32)
    second = values[:, :-2] - 2 * values[:, 1:-1] + values[:, 2:]
    return float(np.median(np.abs(second)) / 0.6745 / np.sqrt(6.0))
