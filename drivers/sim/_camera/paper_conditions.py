"""How cards and pages lie under a document camera: the ordinary, and what makes them hard to read.

The lamp, the desk and the card's surface are a camera stand's; the model itself is `_camera_model`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from drivers.sim._camera.optics import Condition, Floats, Picture, Rng, curl, defocus, glare, light

Range = tuple[float, float]


def _even(rng: Rng, low_high: Range) -> float:
    return float(rng.uniform(*low_high))


def _turn(rng: Rng) -> float:
    return _even(rng, (0.0, 2 * np.pi))


def _lit(gain: Range, slope: Range, offset: float = 4.0) -> Callable[[Picture, Rng, Floats], Picture]:
    def after(picture: Picture, rng: Rng, _where: Floats) -> Picture:
        return light(picture, _even(rng, gain), offset, _even(rng, slope), _turn(rng))

    return after


def _blurred(radius_px: Range) -> Callable[[Picture, Rng, Floats], Picture]:
    def after(picture: Picture, rng: Rng, where: Floats) -> Picture:
        soft = defocus(picture, _even(rng, radius_px))
        return _lit((0.78, 0.88), (0.05, 0.2))(soft, rng, where)

    return after


def _shadow(picture: Picture, rng: Rng, where: Floats) -> Picture:
    """A head between the lamp and the desk: half of the thing lies in a soft shadow."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle, middle = _turn(rng), where.mean(axis=0)
    along = (x - middle[0]) * np.cos(angle) + (y - middle[1]) * np.sin(angle)
    span = float(np.linalg.norm(where[1] - where[0]))
    edge = 1 / (1 + np.exp(-(along + _even(rng, (-0.15, 0.15)) * span) / (0.03 * span)))
    field = 1 - (1 - _even(rng, (0.35, 0.55))) * edge
    return np.asarray(np.clip(picture * field[..., None], 0, 255), np.uint8)


def _mirror(places: tuple[Range, Range], radius: Range, strength: Range) -> Callable[[Picture, Rng, Floats], Picture]:
    """A lamp mirrors in the lamination; `places` are parts of the thing's width and height, `radius` of its width."""

    def after(picture: Picture, rng: Rng, where: Floats) -> Picture:
        lit = _lit((0.78, 0.88), (0.05, 0.2))(picture, rng, where)
        across, down = (_even(rng, place) for place in places)
        upper = where[0] + (where[1] - where[0]) * across
        lower = where[3] + (where[2] - where[3]) * across
        at = upper + (lower - upper) * down
        span = float(np.linalg.norm(where[1] - where[0]))
        return glare(lit, (float(at[0]), float(at[1])), span * _even(rng, radius), _even(rng, strength))

    return after


def _smeared(picture: Picture, rng: Rng, where: Floats) -> Picture:
    """Dirt or a scratched lamination over a part of the print: nearly the card's own tone, so nothing is burnt out."""
    lit = _lit((0.82, 0.95), (0.05, 0.2))(picture, rng, where).astype(np.float32)
    height, width = lit.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = _even(rng, (0.15, 0.65)), _even(rng, (0.05, 0.95))
    upper, lower = (where[at] + (where[at2] - where[at]) * across for at, at2 in ((0, 1), (3, 2)))
    at = upper + (lower - upper) * down
    span = float(np.linalg.norm(where[1] - where[0]))
    far = np.hypot((x - at[0]) / _even(rng, (0.03, 0.12)), (y - at[1]) / _even(rng, (0.03, 0.06))) / span
    cover = (_even(rng, (0.7, 1.0)) / (1 + np.exp(np.minimum((far - 1) * 8, 60))))[..., None]
    return np.asarray(np.clip(lit * (1 - cover) + _even(rng, (196.0, 232.0)) * cover, 0, 255), np.uint8)


_CARD_FRAME, _PAGE_FRAME = (1920, 1080), (2592, 1944)
_CARD_WIDTH, _PAGE_WIDTH = (0.22, 0.3), (0.27, 0.33)
"""Of the frame; cards are drawn at `CARD_FACTOR` times that, pages at `PAGE_FACTOR` times."""
CARD_FACTOR, PAGE_FACTOR = 2.0, 1.4
_DAY = _lit((0.85, 0.98), (0.05, 0.2))
Before = Callable[[Picture, Rng], Picture]
After = Callable[[Picture, Rng, Floats], Picture]


def _card(
    after: After = _DAY,
    *,
    roll: float = 0.1,
    tilt: Range = (0.0, 0.08),
    noise: Range = (2.0, 4.0),
    width: Range = _CARD_WIDTH,
    inside_px: Range | None = None,
    desk_tone: Range = (95.0, 95.0),
) -> Condition:
    return Condition(width, tilt, (-roll, roll), noise, _CARD_FRAME, None, after, inside_px, desk_tone)


_PAPER_DAY = _lit((0.72, 0.86), (0.05, 0.2))
"""A camera that sets its exposure by a white page keeps it below white."""


def _page(
    after: After = _PAPER_DAY,
    *,
    roll: float = 0.06,
    tilt: Range = (0.0, 0.06),
    noise: Range = (2.0, 4.0),
    before: Before | None = None,
) -> Condition:
    return Condition(_PAGE_WIDTH, tilt, (-roll, roll), noise, _PAGE_FRAME, before, after)


CARD_CONDITIONS: Mapping[str, Condition] = {
    "plain": _card(),
    "turned": _card(roll=0.45, width=(0.18, 0.23)),  # larger ones would reach out of the frame
    "perspective": _card(roll=0.2, tilt=(0.35, 0.6)),
    "soft": _card(_blurred((1.2, 2.6))),
    "noise": _card(_lit((0.8, 0.98), (0.05, 0.2)), noise=(12.0, 20.0)),
    "low_light": _card(_lit((0.14, 0.26), (0.1, 0.6), 2.0), noise=(5.0, 8.0)),
    "shadow": _card(_shadow, noise=(2.0, 5.0)),
    "glare": _card(_mirror(((0.05, 0.95), (0.05, 0.95)), (0.04, 0.09), (0.7, 1.5))),
}
"""The eight that reading is measured by."""

_ON_PRINT = ((0.15, 0.65), (0.05, 0.95))
CARD_ROUGH: Mapping[str, Condition] = {
    "near_edge": _card(roll=0.06, inside_px=(8.0, 40.0)),
    "softer": _card(_blurred((2.4, 4.2))),
    "washed": _card(_lit((1.0, 1.18), (0.05, 0.25)), desk_tone=(70.0, 120.0)),
    "bright_desk": _card(desk_tone=(150.0, 215.0)),
    "lamp": _card(_mirror(((0.1, 0.9), (0.05, 0.95)), (0.02, 0.06), (1.0, 2.0))),
    "haze": _card(_mirror(_ON_PRINT, (0.06, 0.2), (0.6, 1.0))),
    "gray_haze": _card(_smeared),
}
"""Careless light, edges and hands: what must still be read, or be asked about."""

CARD_SPOILED: Mapping[str, Condition] = {
    "blurred": _card(_blurred((11.0, 13.0))),
    "mirror": _card(_mirror(((0.5, 0.7), (0.8, 0.9)), (0.12, 0.16), (1.8, 2.2))),
    "dark": _card(_lit((0.085, 0.09), (0.0, 0.1), 1.5)),
}
"""What has to be refused with a reason."""

PAGE_CONDITIONS: Mapping[str, Condition] = {
    "plain": _page(),
    "turned": _page(roll=0.2),
    "perspective": _page(tilt=(0.2, 0.35)),
    "curled": _page(
        _lit((0.85, 0.95), (0.1, 0.4)), before=lambda picture, rng: curl(picture, _even(rng, (0.25, 0.45)))
    ),
    "shadow": _page(lambda picture, rng, where: _shadow(light(picture, 0.9, 0.0, 0.0, 0.0), rng, where)),
    "low_light": _page(_lit((0.25, 0.4), (0.1, 0.4), 2.0), noise=(5.0, 7.0)),
}

PAGE_SPOILED: Mapping[str, Condition] = {
    "blurred": _page(_blurred((5.0, 7.0))),
    "mirror": _page(_mirror(((0.3, 0.7), (0.2, 0.6)), (0.12, 0.2), (1.6, 2.2))),
    "dark": _page(_lit((0.085, 0.09), (0.0, 0.1), 1.5)),
}
