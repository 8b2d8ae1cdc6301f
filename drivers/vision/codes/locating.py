"""Finds where a code lies and cuts it out upright, so that dear preparations have little to do. Pure.

Bars have steps in one direction only, the squares of a QR code in both. Both are found at a quarter of the size by
the energy of those steps (structure tensor); the surroundings with the most of it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.vision.frames import Picture

FACTOR = 4
BARS_SPREAD = 5.0
"""Quarter-size pixels over which steps are gathered: wider than the widest space within a code."""
BARS_LEVEL, SQUARES_LEVEL = 0.35, 0.4
"""Of the strongest energy: what still belongs to the same code."""
MOST_PX = (2400, 1200)
QUIET = 0.25
"""Of a code's width, added for the quiet zone that a barcode needs."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CodeArea:
    """An upright rectangle around a code, turned by `angle_rad` against the picture."""

    centre: tuple[float, float]
    width: float
    height: float
    angle_rad: float


def _steps(gray: Picture) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    small = cv2.resize(gray, None, fx=1 / FACTOR, fy=1 / FACTOR, interpolation=cv2.INTER_AREA).astype(np.float32)
    return cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)


def _strongest(energy: NDArray[np.float32], level: float) -> NDArray[np.bool_] | None:
    """The connected surroundings with the most energy; None when there is none at all."""
    top = float(energy.max())
    if top <= 0:
        return None
    count, labels = cv2.connectedComponents((energy > level * top).astype(np.uint8))
    sums = np.bincount(labels.ravel(), weights=energy.ravel(), minlength=count)
    return np.asarray(labels == 1 + int(np.argmax(sums[1:])), dtype=np.bool_)


def bars(gray: Picture) -> CodeArea | None:
    """Where the most parallel bars are; its width runs across the bars, the quiet zones included."""
    dx, dy = _steps(gray)
    xx, yy, xy = (cv2.GaussianBlur(part, (0, 0), BARS_SPREAD) for part in (dx * dx, dy * dy, dx * dy))
    inside = _strongest(np.sqrt((xx - yy) ** 2 + 4 * xy**2), BARS_LEVEL)
    if inside is None:
        return None
    angle = 0.5 * float(np.arctan2(2 * float(xy[inside].sum()), float((xx - yy)[inside].sum())))
    rows, columns = np.nonzero(inside)
    points = np.stack([columns, rows], axis=1) * float(FACTOR) + FACTOR / 2
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = points @ turn.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    centre = turn.T @ ((low + high) / 2)
    width, height = high - low
    return CodeArea((float(centre[0]), float(centre[1])), width * (1 + QUIET) + 40, height + 8, angle)


def squares(gray: Picture) -> CodeArea | None:
    """Where the most steps in both directions are: the QR code itself, without its quiet zone."""
    dx, dy = _steps(gray)
    both = np.minimum(cv2.GaussianBlur(np.abs(dx), (0, 0), 3), cv2.GaussianBlur(np.abs(dy), (0, 0), 3))
    inside = _strongest(cv2.GaussianBlur(both, (0, 0), 2), SQUARES_LEVEL)
    if inside is None:
        return None
    rows, columns = np.nonzero(inside)
    points = (np.stack([columns, rows], axis=1) * FACTOR + FACTOR / 2).astype(np.float32)
    centre, (width, height), degrees = cv2.minAreaRect(points)
    # A square has no longer side: it is turned by the smaller angle.
    return CodeArea((centre[0], centre[1]), width, height, float(np.radians((degrees + 45) % 90 - 45)))


def cut_out(gray: Picture, place: CodeArea, scale: float) -> Picture:
    """The place upright, enlarged by `scale` (less when it would become too large)."""
    scale = min(scale, MOST_PX[0] / max(place.width, 1.0), MOST_PX[1] / max(place.height, 1.0))
    size = (max(8, int(place.width * scale)), max(8, int(place.height * scale)))
    cos, sin = float(np.cos(place.angle_rad)), float(np.sin(place.angle_rad))
    turn: Floats = np.array([[cos, -sin], [sin, cos]]) / scale
    way = np.hstack([turn, (np.array(place.centre) - turn @ (np.array(size) / 2))[:, None]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(gray, way, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def square_cut_out(gray: Picture, scale: float, room: float) -> tuple[Picture, float] | None:
    """The squares' place as a square with `room` around (1.35: with the quiet zone), and the code's own side in it."""
    place = squares(gray)
    if place is None:
        return None
    side = max(place.width, place.height)
    whole = CodeArea(place.centre, side * room + 12, side * room + 12, place.angle_rad)
    cut = cut_out(gray, whole, scale)
    return cut, cut.shape[1] * side / whole.width
