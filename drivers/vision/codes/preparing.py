"""What is done to a picture before it is read: each function takes a grey picture and gives one. Pure."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.vision.codes.locating import bars, cut_out, square_cut_out
from drivers.vision.frames import Picture

NOISE_TO_SIGNAL = 0.02
"""For taking a lens's blur back: smaller is sharper and noisier."""
CURL_RAD = 0.95
"""Half the angle over which a ticket curls; a code read at this one is read at 0.7 to 1.2, too."""
CURL_SAG = 0.2
"""How much of the curl's depth is seen as a bow, from a camera that looks from a little above or below."""


def as_it_is(gray: Picture) -> Picture:
    return gray


def inverted(gray: Picture) -> Picture:
    """Light bars on dark: neither reader knows them."""
    return np.asarray(255 - gray, dtype=np.uint8)


def halved(gray: Picture) -> Picture:
    """Four pixels make one with half of the noise."""
    return np.asarray(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def straightened(gray: Picture) -> Picture:
    """Bars upright, doubled, and averaged along themselves: noise and a phone's pixel grid go, edges stay."""
    place = bars(gray)
    if place is None:
        return gray
    cut = cut_out(gray, place, 2.0)
    return np.asarray(cv2.GaussianBlur(cut, (1, 0), sigmaX=0.01, sigmaY=8.0), dtype=np.uint8)


def straightened_inverted(gray: Picture) -> Picture:
    return inverted(straightened(gray))


def sharpened_inverted(gray: Picture) -> Picture:
    return inverted(straightened_sharpened(gray))


def straightened_sharpened(gray: Picture) -> Picture:
    """An unsharp mask across the bars alone: they have no noise left that it could raise."""
    upright = straightened(gray)
    soft = cv2.GaussianBlur(upright, (0, 1), sigmaX=5.0, sigmaY=0.01)
    return np.asarray(cv2.addWeighted(upright, 3.0, soft, -2.0, 0), dtype=np.uint8)


def _code_cut_out(gray: Picture, scale: float) -> Picture:
    found = square_cut_out(gray, scale, 1.35)
    return gray if found is None else found[0]


def close_evened(gray: Picture) -> Picture:
    """The code alone, doubled, its contrast made the same everywhere (CLAHE): small ones, a dark corner, glare."""
    return np.asarray(cv2.createCLAHE(3.0, (4, 4)).apply(_code_cut_out(gray, 2.0)), dtype=np.uint8)


def close_blurred(gray: Picture) -> Picture:
    """The code alone, without what is finer than its squares: a phone's pixel grid."""
    return np.asarray(cv2.GaussianBlur(_code_cut_out(gray, 3.0), (0, 0), 3.0), dtype=np.uint8)


def close_sharpened(gray: Picture) -> Picture:
    """The code alone, enlarged three times, with an unsharp mask as wide as its squares."""
    near = _code_cut_out(gray, 3.0)
    return np.asarray(cv2.addWeighted(near, 3.0, cv2.GaussianBlur(near, (0, 0), 8.0), -2.0, 0), dtype=np.uint8)


def refocused(gray: Picture) -> Picture:
    """The code alone with a lens's disc of 4 pixels taken back (Wiener)."""
    near = _code_cut_out(gray, 2.0).astype(np.float32)
    mean = float(near.mean())
    inverse = _wiener(near.shape[0], near.shape[1], 8.0)
    sharp = np.fft.irfft2(np.fft.rfft2(near - mean) * inverse, s=near.shape) + mean
    return np.asarray(np.clip(sharp, 0, 255), dtype=np.uint8)


def _wiener(height: int, width: int, radius_px: float) -> NDArray[np.complex128]:
    y, x = np.ogrid[:height, :width]
    disc = np.clip(radius_px + 0.5 - np.hypot(x - width // 2, y - height // 2), 0, 1)
    lens = np.fft.rfft2(np.fft.ifftshift(disc / disc.sum()))
    return np.asarray(np.conj(lens) / (np.abs(lens) ** 2 + NOISE_TO_SIGNAL), dtype=np.complex128)


def uncurled_down(gray: Picture) -> Picture:
    """A ticket that curls around an upright axis, bowed downwards, laid flat."""
    return _uncurled(gray, CURL_SAG)


def uncurled_up(gray: Picture) -> Picture:
    """The same, bowed upwards."""
    return _uncurled(gray, -CURL_SAG)


def _uncurled(gray: Picture, sag: float) -> Picture:
    found = square_cut_out(gray, 2.0, 1.0)
    if found is None:
        return gray
    cut, side = found
    half = side / 2
    across, bow = _cylinder(sag)
    width = int(side * CURL_RAD / np.sin(CURL_RAD) * 1.25)
    height = int(cut.shape[0] + 0.7 * half)
    at = np.linspace(-1, 1, across.size)
    columns = np.interp(np.linspace(-1, 1, width), at, across) * half + cut.shape[1] / 2
    bows = np.interp(np.linspace(-1, 1, width), at, bow) * half
    rows = np.arange(height)[:, None] - (height - cut.shape[0]) / 2 - bows[None, :]
    maps = np.broadcast_to(columns, rows.shape).astype(np.float32), rows.astype(np.float32)
    return np.asarray(
        cv2.remap(cut, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


@cache
def _cylinder(sag: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Along flattened paper from -1.25 to 1.25 of the code's half: where it was seen across, and how far bowed."""
    angle = np.clip(np.linspace(-1.25, 1.25, 257) * CURL_RAD, -1.5, 1.5)
    across = np.sin(angle) / np.sin(CURL_RAD)
    return across, (np.cos(angle) - np.cos(CURL_RAD)) / np.sin(CURL_RAD) * sag
