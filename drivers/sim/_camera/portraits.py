"""Drawn heads of people who do not exist, to sit before the simulated camera: light, shadow and features of a face as
a finder of faces looks for them, and nobody's likeness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from drivers.sim._camera.optics import Condition, Floats, Picture, Rng, defocus, light
from drivers.sim.faultbook import BadControl

SIZE_PX = (1280, 720)
FACTOR = 2.8
"""The drawn room is so much wider than a square code would be held: it fills the camera's picture."""
MOST_PEOPLE = 2
Colour = Floats
_WALL, _COAT = (176, 190, 196), (92, 84, 80)
_SKIN = (142, 172, 206)
"""Blue, green, red."""


class _Canvas:
    """A picture on which soft ellipses are laid, measured from a middle in parts of half a face's height."""

    def __init__(self) -> None:
        width, height = SIZE_PX
        falling = 1 - 0.12 * (np.arange(width, dtype=np.float32)[None, :, None] / width - 0.5)
        self.picture: Floats = np.tile(falling * np.array(_WALL, np.float32), (height, 1, 1))
        self.at, self.unit_px = (0.0, 0.0), 1.0

    def lay(
        self, at: tuple[float, float], size: tuple[float, float], colour: Colour, soft: float = 0.1, share: float = 1.0
    ) -> None:
        """`soft` is the width of its edge in radii, `share` how much of it covers what lies below."""
        middle = [self.at[way] + at[way] * self.unit_px for way in (0, 1)]
        radius = [size[way] * self.unit_px for way in (0, 1)]
        low = [max(0, int(middle[way] - radius[way] * (1 + soft))) for way in (0, 1)]
        high = [min(SIZE_PX[way], int(middle[way] + radius[way] * (1 + soft)) + 2) for way in (0, 1)]
        y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float32)
        away = np.hypot((x - middle[0]) / radius[0], (y - middle[1]) / radius[1])
        cover = np.clip((1 - away) / soft + 0.5, 0, 1)[..., None] * share
        below = self.picture[low[1] : high[1], low[0] : high[0]]
        self.picture[low[1] : high[1], low[0] : high[0]] = below * (1 - cover) + colour * cover


def draw_portrait(request: object) -> tuple[Picture, float]:
    """What `show` has under `portrait`: {"people": 0 to 2, "person": a number that makes another face}."""
    wanted = request if isinstance(request, Mapping) else {}
    people, person = wanted.get("people", 1), wanted.get("person", 1)
    for number in (people, person):
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise BadControl("portrait takes whole numbers: people, person")
    if people > MOST_PEOPLE:
        raise BadControl(f"portrait draws at most {MOST_PEOPLE} people")
    canvas, chance = _Canvas(), np.random.default_rng(person)
    width, height = SIZE_PX
    if people == 0:
        _chair(canvas)
    for place in range(people):
        across = 0.5 if people == 1 else 0.27 + 0.46 * place
        canvas.at, canvas.unit_px = (across * width, 0.47 * height), (0.3 if people == 1 else 0.22) * height
        _figure(canvas, chance)
    return np.asarray(np.clip(canvas.picture, 0, 255), np.uint8), FACTOR


def _chair(canvas: _Canvas) -> None:
    """Nobody sits there."""
    canvas.at, canvas.unit_px = (SIZE_PX[0] / 2, SIZE_PX[1] * 0.75), SIZE_PX[1] * 0.3
    canvas.lay((0, 0), (0.9, 1.1), np.array((70, 96, 120), np.float32), 0.04)


def _figure(canvas: _Canvas, chance: Rng) -> None:
    skin = np.array(_SKIN, np.float32) * np.float32(chance.uniform(0.9, 1.05))
    hair = np.ones(3, np.float32) * np.float32(chance.uniform(110, 185))
    canvas.lay((0, 2.35), (1.7, 1.25), np.array(_COAT, np.float32), 0.06)
    canvas.lay((0, 1.05), (0.38, 0.6), skin * 0.78, 0.15)
    canvas.lay((0, -0.18), (0.84, 1.02), hair, 0.12)
    canvas.lay((0, 0.05), (0.7, 0.95), skin, 0.08)
    canvas.lay((0, -0.5), (0.5, 0.3), skin * 1.12, 0.9, 0.6)
    for side in (-1, 1):
        _half(canvas, side, skin, hair)
    _middle(canvas, skin)


def _half(canvas: _Canvas, side: int, skin: Colour, hair: Colour) -> None:
    """Eye, brow, cheek, nostril and temple of one side."""
    eye = side * 0.29
    canvas.lay((eye, -0.13), (0.24, 0.15), skin * 0.55, 0.7, 0.8)
    canvas.lay((eye, -0.3), (0.23, 0.04), hair * 0.5, 0.5, 0.8)
    canvas.lay((eye, -0.13), (0.13, 0.055), np.array((205, 210, 212), np.float32), 0.25, 0.8)
    canvas.lay((eye, -0.13), (0.055, 0.055), np.array((30, 32, 40), np.float32), 0.25)
    canvas.lay((side * 0.36, 0.22), (0.2, 0.18), skin * 1.12, 0.9, 0.5)
    canvas.lay((side * 0.09, 0.23), (0.05, 0.03), skin * 0.45, 0.5, 0.8)
    canvas.lay((side * 0.66, 0.1), (0.1, 0.4), skin * 0.7, 0.9, 0.6)
    for fold in range(3):
        canvas.lay((side * 0.49, 0.05 * fold - 0.03), (0.14, 0.012), skin * 0.7, 0.8, 0.5)


def _middle(canvas: _Canvas, skin: Colour) -> None:
    """Nose, mouth, and the folds of many years."""
    canvas.lay((0, 0.05), (0.06, 0.24), skin * 1.16, 0.8, 0.8)
    canvas.lay((0, 0.19), (0.12, 0.08), skin * 1.1, 0.6, 0.6)
    canvas.lay((0, 0.3), (0.18, 0.035), skin * 0.7, 0.8, 0.6)
    canvas.lay((0, 0.49), (0.25, 0.07), skin * 0.62, 0.4, 0.9)
    canvas.lay((0, 0.49), (0.23, 0.015), skin * 0.3, 0.4, 0.9)
    canvas.lay((0, 0.63), (0.2, 0.04), skin * 0.8, 0.9, 0.5)
    for fold in range(3):
        canvas.lay((0, -0.4 - 0.1 * fold), (0.4, 0.012), skin * 0.78, 0.8, 0.5)


After = Callable[[Picture, Rng, Floats], Picture]


def _sitting(after: After | None = None, width: tuple[float, float] = (0.34, 0.36), noise: float = 3.0) -> Condition:
    return Condition(width, (0.0, 0.03), (-0.04, 0.04), (noise, noise + 1.0), SIZE_PX, None, after)


PORTRAIT_CONDITIONS: Mapping[str, Condition] = {
    "plain": _sitting(),
    "dim": _sitting(lambda picture, rng, where: light(picture, float(rng.uniform(0.45, 0.6)), 4, 0.3, 1.0), noise=5.0),
    "leaning": Condition((0.34, 0.36), (0.0, 0.1), (-0.14, 0.14), (2.0, 4.0), SIZE_PX),
}
"""What can be taken."""
PORTRAIT_SPOILED: Mapping[str, Condition] = {
    "dark": _sitting(lambda picture, rng, where: light(picture, 0.1, 2, 0.2, 1.0), noise=2.0),
    "far": _sitting(width=(0.13, 0.15)),
    "blurred": _sitting(lambda picture, rng, where: defocus(picture, float(rng.uniform(9, 11)))),
}
"""What has to be told with its reason."""
