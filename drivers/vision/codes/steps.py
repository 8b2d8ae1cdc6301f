"""The ways to look at one frame, from the cheapest to the last resort. Each is a preparation and a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from drivers.vision.codes.readers import Found, read_zbar, read_zxing
from drivers.vision.frames import Picture

Reader = Callable[[Picture], list[Found]]


@dataclass(frozen=True, slots=True)
class Step:
    """`name` also says who confirms whom: two different steps are two sightings."""

    name: str
    prepare: Callable[[Picture], Picture]
    read: Reader

    def __call__(self, gray: Picture) -> list[Found]:
        return self.read(self.prepare(gray))


def as_it_is(gray: Picture) -> Picture:
    return gray


def inverted(gray: Picture) -> Picture:
    """Light bars on dark: ZBar reads none of them, zxing-cpp no bars of them."""
    return np.asarray(255 - gray, dtype=np.uint8)


def doubled(gray: Picture) -> Picture:
    """Small codes, and the binariser's blocks get finer against the code."""
    return np.asarray(cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def blurred(gray: Picture) -> Picture:
    """A phone's pixel grid is finer than its code."""
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), 1.5), dtype=np.uint8)


def halved(gray: Picture) -> Picture:
    """Four pixels make one with half of the noise."""
    return np.asarray(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def sharpened(gray: Picture) -> Picture:
    """An unsharp mask as wide as a bad lens."""
    soft = cv2.GaussianBlur(gray, (0, 0), 3.0)
    return np.asarray(cv2.addWeighted(gray, 2.5, soft, -1.5, 0), dtype=np.uint8)


def evened(gray: Picture) -> Picture:
    """Contrast made the same everywhere (CLAHE): a dark corner, a half in shadow."""
    return np.asarray(cv2.createCLAHE(3.0, (8, 8)).apply(gray), dtype=np.uint8)


FIRST = Step("zxing", as_it_is, read_zxing)
"""Every frame that is looked at begins with this one."""
CYCLE: tuple[Step, ...] = (
    Step("zbar", as_it_is, read_zbar),
    Step("zbar inverted", inverted, read_zbar),
    Step("zxing doubled", doubled, read_zxing),
    Step("zxing blurred", blurred, read_zxing),
    Step("zbar halved", halved, read_zbar),
    Step("zxing sharpened", sharpened, read_zxing),
    Step("zxing evened", evened, read_zxing),
)
"""One of these a frame, in turn, while something lies there that is not read."""
