"""Evens the light on a page and makes it black on white. Pure."""

from __future__ import annotations

import cv2
import numpy as np

from drivers.vision.quads import Picture

GROUND_SCALE = 8
STROKE_PX = 9
"""Of the reduced picture: wider than a stroke, narrower than a shadow."""
PAPER_TONE = 244.0
DARKEST_GROUND = 0.22
"""Of the brightest ground; darker parts are a picture on the page, not a shadow on it."""


def evened(page: Picture) -> Picture:
    """The page as if lit from everywhere alike, in colour: each channel divided by the ground that shines through."""
    height, width = page.shape[:2]
    small = cv2.resize(
        page, (max(8, width // GROUND_SCALE), max(8, height // GROUND_SCALE)), interpolation=cv2.INTER_AREA
    )
    # Closing fills strokes with their surroundings; the median removes what is left of larger ones.
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (STROKE_PX, STROKE_PX))
    ground = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), 11).astype(np.float32)
    ground = cv2.GaussianBlur(ground, (0, 0), 3.0)
    ground = np.maximum(ground, DARKEST_GROUND * float(np.percentile(ground, 95)))
    full = cv2.resize(ground, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(page.astype(np.float32) * (PAPER_TONE / np.maximum(full, 1.0)), 0, 255), np.uint8)
