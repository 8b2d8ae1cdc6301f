"""The outline of a page in full size, and the page laid flat along it.

Four corners come from a small picture and are a few pixels off; along each side the true edge is looked for again.
A page that was folded or rolled has curved edges: between opposite edges the page is spread like a cloth (a Coons
patch), which takes mild curl out. Stronger curl shows as a curve in the lines of text and is left as it is.
"""

from __future__ import annotations

import cv2
import numpy as np

from drivers.vision.quads import Floats, Picture

POINTS = 33
"""Along each side."""
REACH = 0.025
"""How far from the straight line the edge is looked for, in parts of the side's length."""
WEAKEST_EDGE = 6.0
"""Tones per pixel; a weaker step is no edge that can be trusted."""
BEND_DEGREE = 3
GRID = 24
"""The patch is computed at so many places each way and enlarged; paper does not bend within them."""


def trace(gray: Picture, corners: Floats) -> list[Floats]:
    """The four sides as curves of `POINTS` points each: top, right, bottom, left, each clockwise.

    :param corners: clockwise from the upper left, a few pixels exact.
    """
    smooth = np.asarray(cv2.GaussianBlur(gray, (0, 0), 1.5), np.float32)
    middle = corners.mean(axis=0)
    sides = [
        _side(smooth, begin, end, middle) for begin, end in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    return _joined(sides)


def _side(smooth: Floats, begin: Floats, end: Floats, middle: Floats) -> Floats:
    """The edge near a straight line: at each place the steepest step from the page outwards, then a smooth curve."""
    along = end - begin
    length = float(np.linalg.norm(along))
    outwards = np.array([along[1], -along[0]], np.float32) / max(length, 1.0)
    if float(np.dot(outwards, (begin + end) / 2 - middle)) < 0:
        outwards = -outwards
    share = np.linspace(0, 1, POINTS, dtype=np.float32)
    reach = max(4.0, REACH * length)
    offsets = np.arange(-reach, reach + 1, 1.0, dtype=np.float32)
    straight = begin + share[:, None] * along
    places = straight[:, None, :] + offsets[None, :, None] * outwards
    seen = cv2.remap(smooth, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    steps = np.abs(np.gradient(seen, axis=1))
    best = steps.argmax(axis=1)
    found = offsets[best]
    trusted = (steps[np.arange(POINTS), best] > WEAKEST_EDGE) & (share > 0.02) & (share < 0.98)
    return straight + _smooth(share, found, trusted)[:, None] * outwards


def _smooth(share: Floats, found: Floats, trusted: np.ndarray) -> Floats:
    """A cubic through the trusted points, those far from it left out in turn; no move when too few remain."""
    for _ in range(3):
        if int(trusted.sum()) < POINTS // 2:
            return np.zeros_like(found)
        curve = np.polyval(np.polyfit(share[trusted], found[trusted], BEND_DEGREE), share)
        off = np.abs(curve - found)
        limit = max(1.5, 2.5 * float(np.median(off[trusted])))
        trusted = trusted & (off < limit)
    return np.asarray(curve, np.float32)


def _joined(sides: list[Floats]) -> list[Floats]:
    """Neighbouring curves moved to meet in one corner."""
    corners = [(sides[at - 1][-1] + sides[at][0]) / 2 for at in range(4)]
    met = []
    for at, side in enumerate(sides):
        share = np.linspace(0, 1, POINTS, dtype=np.float32)[:, None]
        begin, end = corners[at] - side[0], corners[(at + 1) % 4] - side[-1]
        met.append(np.asarray(side + begin * (1 - share) + end * share, np.float32))
    return met


def lengths(sides: list[Floats]) -> tuple[float, float]:
    """Width and height in pixels as photographed."""
    top, right, bottom, left = (float(np.linalg.norm(side[-1] - side[0])) for side in sides)
    return (top + bottom) / 2, (left + right) / 2


def spread(picture: Picture, sides: list[Floats], size: tuple[int, int]) -> Picture:
    """The page laid flat: `size` is width, height in pixels."""
    corners = np.array([side[0] for side in sides], np.float32)
    target = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    seen_from_above = cv2.getPerspectiveTransform(corners, target)
    from_above = cv2.getPerspectiveTransform(target, corners)
    # In the plane of the page the sides are nearly straight, so that the patch adds the bend alone.
    plane = [np.asarray(cv2.perspectiveTransform(side[None], seen_from_above)[0], np.float32) for side in sides]
    grid = _patch(plane)
    places = cv2.perspectiveTransform(grid.reshape(1, -1, 2), from_above).reshape(grid.shape).astype(np.float32)
    full = [
        cv2.resize(np.ascontiguousarray(places[..., axis]), size, interpolation=cv2.INTER_LINEAR) for axis in (0, 1)
    ]
    flat = cv2.remap(picture, full[0], full[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)


def _patch(sides: list[Floats]) -> Floats:
    """Where each place of the flat page lies in the plane: GRID x GRID x 2, at the middles of the cells."""
    share = ((np.arange(GRID, dtype=np.float32) + 0.5) / GRID).astype(np.float32)
    top, right, bottom, left = (_at(side, share, flip) for side, flip in zip(sides, (0, 0, 1, 1), strict=True))
    u, v = share[None, :, None], share[:, None, None]
    across = (1 - v) * top[None] + v * bottom[None]
    down = (1 - u) * left[:, None] + u * right[:, None]
    a, b, c, d = (side[0] for side in sides)
    plain = (1 - u) * (1 - v) * a + u * (1 - v) * b + u * v * c + (1 - u) * v * d
    return np.asarray(across + down - plain, np.float32)


def _at(side: Floats, share: Floats, flip: int) -> Floats:
    points = side[::-1] if flip else side
    whole = np.linspace(0, 1, len(points))
    return np.stack([np.interp(share, whole, points[:, axis]) for axis in (0, 1)], axis=1).astype(np.float32)
