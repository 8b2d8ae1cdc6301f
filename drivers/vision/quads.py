"""Finds a sheet or card on a desk: four corners in a picture, and the picture straightened by them.

Each channel of LAB is looked at by edges and by brightness, since a white page on a white desk has edges alone and
a pale card in bad light has brightness alone. Each closed shape is reduced to four points and judged by its
proportions, by how well it fills them, and by how much of its outline is an edge of the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]

LOOK_WIDTH_PX = 640
"""Width at which shapes are looked for; finer structure than this is text, not outline."""
MIN_AREA = 0.04
"""Of the picture. Smaller things are held too far away to be read."""
EDGE_MARGIN = 0.006
"""An outline so near to the picture's edge (of its width) is not looked at: it may be the picture's own."""
REACHES_PX = 2.0
"""At the looked-at size: a corner so near to the picture's edge is not inside it. An outline is found 1 px too wide."""
GOOD_SCORE = 0.5
MAX_POLYGON_TRIES = 12
SHOWS_EDGES = 0.4
"""Of 150 drawn desks no shade comes above 0.35, of 48 drawn cards none below 0.45."""
LEAST_INSIDE = 0.15
"""Of the outline's length."""


@dataclass(frozen=True, slots=True)
class Quad:
    """Corners (4 x 2, clockwise from the upper left as it lies) in pixels of the picture that was searched."""

    corners: Floats
    score: float
    """0 to 1; from `GOOD_SCORE` on it is the thing that was looked for."""
    cut_off: bool
    """It reaches beyond the picture."""
    filled: float = 0.0
    """How much of the four corners the shape itself fills."""
    area: float = 0.0
    """Of the picture."""
    edged: float = 0.0
    """How much of the outline that lies inside the picture is an edge of something: a desk alone has only shades."""

    def reaches_out(self, least_area: float) -> bool:
        """A thing of which a part is beyond the picture."""
        return self.cut_off and self.filled > 0.9 and self.area > least_area and self.shows_edges

    @property
    def shows_edges(self) -> bool:
        """Otherwise it is a shade of the desk."""
        return self.edged > SHOWS_EDGES

    @property
    def width_px(self) -> float:
        return (
            float(np.linalg.norm(self.corners[1] - self.corners[0]) + np.linalg.norm(self.corners[2] - self.corners[3]))
            / 2
        )

    @property
    def height_px(self) -> float:
        return (
            float(np.linalg.norm(self.corners[3] - self.corners[0]) + np.linalg.norm(self.corners[2] - self.corners[1]))
            / 2
        )


def find_quad(picture: Picture, aspect: float, look_width_px: int = LOOK_WIDTH_PX) -> Quad | None:
    """The best four-cornered thing whose long side is `aspect` times its short one; None when there is none at all.

    :param picture: blue-green-red. The first corner is the upper left of the thing as it lies in the picture.
    """
    scale = min(1.0, look_width_px / picture.shape[1])
    small = picture if scale == 1.0 else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = np.asarray(cv2.GaussianBlur(small, (5, 5), 0), np.uint8)
    steep = _steepness(small)
    best: Quad | None = None
    for mask in _masks(small):
        for corners, filled in _four_cornered(mask):
            quad = _judged(corners, filled, steep, aspect)
            if best is None or quad.score > best.score:
                best = quad
    return None if best is None else replace(best, corners=np.asarray(best.corners / scale, np.float32))


def straighten(picture: Picture, corners: Floats, size: tuple[int, int]) -> Picture:
    """The thing alone, as if seen from straight above; `size` is width, height in pixels."""
    way = cv2.getPerspectiveTransform(corners.astype(np.float32), _rectangle(size))
    return np.asarray(cv2.warpPerspective(picture, way, size, flags=cv2.INTER_LINEAR), np.uint8)


def _rectangle(size: tuple[int, int]) -> Floats:
    width, height = size
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)


def _stretched(channel: Picture) -> Picture:
    """Full contrast from the 1st to the 99th percentile: a dim picture has edges too."""
    low, high = np.percentile(channel[::2, ::2], (1, 99))
    if high - low < 6:
        return channel
    return np.asarray(np.clip((channel.astype(np.float32) - low) * (255 / (high - low)), 0, 255), np.uint8)


def _masks(small: Picture) -> Iterator[Picture]:
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    kernel = np.ones((3, 3), np.uint8)
    for at in range(3):
        channel = _stretched(np.ascontiguousarray(lab[..., at]))
        # A median of its own removes the grain of a dark picture that a Gaussian only smears.
        channel = np.asarray(cv2.medianBlur(channel, 5), np.uint8)
        high, binary = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        yield _closed(binary)
        yield _closed(np.asarray(255 - binary, np.uint8))
        for part in (0.5, 0.25):
            edges = cv2.Canny(channel, high * part / 2, high * part)
            yield np.asarray(cv2.dilate(edges, kernel, iterations=2), np.uint8)


def _closed(binary: Picture) -> Picture:
    return np.asarray(cv2.morphologyEx(binary, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)), np.uint8)


def _steepness(small: Picture) -> Floats:
    """How much the picture changes at each place, against what is usual in it."""
    gray = _stretched(np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8))
    gray = np.asarray(cv2.medianBlur(gray, 5), np.uint8)
    along_x, along_y = (cv2.Sobel(gray, cv2.CV_32F, *way, ksize=3) for way in ((1, 0), (0, 1)))
    size = np.asarray(cv2.dilate(cv2.magnitude(along_x, along_y), np.ones((5, 5), np.uint8)), np.float32)
    return size / np.float32(max(float(np.median(size)) * 4, 60.0))


def _four_cornered(mask: Picture) -> Iterator[tuple[Floats, float]]:
    """Shapes of a mask as four points, and how much of those four points the shape's hull fills."""
    least = MIN_AREA * mask.shape[0] * mask.shape[1]
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        hull = cv2.convexHull(contour)
        area = cv2.contourArea(hull)
        if area < least or len(hull) < 4:
            continue
        for corners in (_by_polygon(hull), np.asarray(cv2.boxPoints(cv2.minAreaRect(hull)), np.float32)):
            if corners is not None:
                inside = cv2.contourArea(corners)
                yield corners, min(area, inside) / max(area, inside, 1.0)


def _by_polygon(hull: NDArray[np.int32]) -> Floats | None:
    length = cv2.arcLength(hull, True)
    for step in range(1, MAX_POLYGON_TRIES + 1):
        points = cv2.approxPolyDP(hull, 0.01 * step * length, True)
        if len(points) == 4:
            return np.asarray(points.reshape(4, 2), np.float32)
        if len(points) < 4:
            return None
    return None


def _judged(corners: Floats, filled: float, steep: Floats, aspect: float) -> Quad:
    corners = _in_order(corners)
    height, width = steep.shape
    shape = Quad(corners, 0.0, False)
    long, short = max(shape.width_px, shape.height_px), max(1.0, min(shape.width_px, shape.height_px))
    off = abs(np.log(long / short / aspect))
    proportions = float(np.exp(-((off / 0.2) ** 2)))
    share = cv2.contourArea(corners) / (width * height)
    size = min(1.0, share / 0.12)
    outline = _outline(corners, steep)
    margin = EDGE_MARGIN * width + 1.5
    out = (
        (corners < REACHES_PX).any()
        or (corners[:, 0] > width - 1 - REACHES_PX).any()
        or (corners[:, 1] > height - 1 - REACHES_PX).any()
    )
    whole = 0.0 if share > 0.97 else 1.0
    score = proportions * filled**4 * (0.25 + 0.75 * outline) * (0.6 + 0.4 * size) * whole
    return Quad(corners, score, bool(out), filled, share, _edged(corners, steep, margin))


def _outline(corners: Floats, steep: Floats) -> float:
    """The part of the outline that lies on an edge of the picture, of its worst two sides."""
    sides = sorted(float(np.mean(_steep_at(points, steep))) for points in _sides(corners))
    return sum(sides[:2]) / 2


def _edged(corners: Floats, steep: Floats, margin: float) -> float:
    """As `_outline`, of everything that lies inside the picture; 0 when that is too little to tell."""
    height, width = steep.shape
    points = np.concatenate(list(_sides(corners)))
    within = (points > 2 * margin).all(axis=1) & (points < np.array([width, height]) - 1 - 2 * margin).all(axis=1)
    return float(np.mean(_steep_at(points[within], steep))) if within.mean() > LEAST_INSIDE else 0.0


def _sides(corners: Floats) -> Iterator[Floats]:
    for begin, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        yield np.asarray(begin + (end - begin) * np.linspace(0.04, 0.96, 48, dtype=np.float32)[:, None], np.float32)


def _steep_at(points: Floats, steep: Floats) -> Floats:
    height, width = steep.shape
    x = np.clip(np.rint(points[:, 0]), 0, width - 1).astype(int)
    y = np.clip(np.rint(points[:, 1]), 0, height - 1).astype(int)
    return np.asarray(np.minimum(steep[y, x], 1.0), np.float32)


def _in_order(corners: Floats) -> Floats:
    """Clockwise, from the corner that is nearest to the picture's upper left."""
    middle = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    ring = corners[np.argsort(angles)]
    begin = int(np.argmin(ring.sum(axis=1)))
    return np.asarray(np.roll(ring, -begin, axis=0), np.float32)
