"""What a technician has measured at this one terminal, and the arithmetic behind it. None = as the factory set it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

RULER_MM = 100
"""The line that is drawn to be measured with a ruler."""
RULER_RANGE_MM = (60, 160)
TARGETS = ((0.14, 0.24), (0.86, 0.24), (0.5, 0.5), (0.14, 0.76), (0.86, 0.76))
"""Where the five targets stand: shares of the screen's width and height, origin at the top left."""
MOST_SHIFT = 0.08
"""A panel that is farther off than 8 % of its side is not to be calibrated but to be mounted anew."""
MOST_STRETCH = 0.08
MOST_LEFT = 0.012
"""What may be left of an error after the fit: 3 mm on 268 mm, far below the smallest target."""
LOUDNESS_DB = (-12, 12)
MOUNT_HEIGHT_MM = (600, 2200)
DIAGONAL_INCH = (10.0, 60.0)
BOX_LEAST = 10
"""The camera's box is at least a tenth of the picture each way."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TouchFix:
    """Where a finger really is: each axis by itself, in shares of the screen: true = scale * told + shift."""

    scale_x: float = 1.0
    shift_x: float = 0.0
    scale_y: float = 1.0
    shift_y: float = 0.0

    def true_place(self, x: float, y: float) -> Point:
        return self.scale_x * x + self.shift_x, self.scale_y * y + self.shift_y


@dataclass(frozen=True, slots=True)
class CameraBox:
    """The part of the camera's picture that counts, in whole per cent of it, origin at the top left."""

    left: int = 10
    top: int = 10
    width: int = 80
    height: int = 80

    @classmethod
    def around(cls, left: float, top: float, right: float, bottom: float) -> Self:
        """From edges as parts of the picture, 0 to 1, as devices.toml has them."""
        x, y = round(left * 100), round(top * 100)
        return cls(x, y, round(right * 100) - x, round(bottom * 100) - y)

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom as parts of the picture, 0 to 1."""
        return self.left / 100, self.top / 100, (self.left + self.width) / 100, (self.top + self.height) / 100

    def moved(self, edge: str, step: int) -> Self:
        """One edge moved by `step` per cent; stays as it is where the box would leave the picture."""
        left, top, width, height = self.left, self.top, self.width, self.height
        if edge == "left":
            left, width = left + step, width - step
        elif edge == "right":
            width += step
        elif edge == "top":
            top, height = top + step, height - step
        else:
            height += step
        moved = type(self)(left, top, width, height)
        return moved if box_fits(moved) else self


@dataclass(frozen=True, slots=True)
class Calibration:
    touch: TouchFix | None = None
    diagonal_inch: float | None = None
    loudness_db: int | None = None
    camera: CameraBox | None = None
    mount_height_mm: int | None = None


WHOLE_PICTURE = CameraBox(0, 0, 100, 100)
VALUES = tuple(field.name for field in fields(Calibration))


class OutOfRange(ValueError):
    """A value that no terminal has; the text names it and its range."""


def check(calibration: Calibration) -> Calibration:
    """The same, or :raises OutOfRange:"""
    touch, box = calibration.touch, calibration.camera
    if touch is not None and not fix_fits(touch):
        raise OutOfRange(f"touch: a shift of at most {MOST_SHIFT:g} and a stretch of at most {MOST_STRETCH:g}")
    if box is not None and not box_fits(box):
        raise OutOfRange(f"camera: a box of at least {BOX_LEAST} per cent inside the picture")
    for name, value, (low, high) in (
        ("diagonal_inch", calibration.diagonal_inch, DIAGONAL_INCH),
        ("loudness_db", calibration.loudness_db, LOUDNESS_DB),
        ("mount_height_mm", calibration.mount_height_mm, MOUNT_HEIGHT_MM),
    ):
        if value is not None and not (math.isfinite(value) and low <= value <= high):
            raise OutOfRange(f"{name}: {low:g} to {high:g}")
    return calibration


def fix_fits(fix: TouchFix) -> bool:
    values = (fix.scale_x, fix.shift_x, fix.scale_y, fix.shift_y)
    # A stretch about the middle of the screen shifts its edge by half of it.
    far = MOST_SHIFT + MOST_STRETCH
    return (
        all(map(math.isfinite, values))
        and all(abs(scale - 1) <= MOST_STRETCH for scale in (fix.scale_x, fix.scale_y))
        and all(abs(shift) <= far for shift in (fix.shift_x, fix.shift_y))
    )


def box_fits(box: CameraBox) -> bool:
    return (
        min(box.width, box.height) >= BOX_LEAST
        and min(box.left, box.top) >= 0
        and box.left + box.width <= 100
        and box.top + box.height <= 100
    )


def diagonal_from(shown_inch: float, measured_mm: int) -> float:
    """A line that was drawn as 100 mm for a panel of `shown_inch` measures `measured_mm`."""
    return round(shown_inch * measured_mm / RULER_MM, 3)


def fit_touch(touched: Sequence[Point], wanted: Sequence[Point] = TARGETS) -> TouchFix | None:
    """Least squares, each axis by itself; None when the touches do not fit together or are too far off."""
    if len(touched) != len(wanted) or len(touched) < 2:
        return None
    scale_x, shift_x = _line([x for x, _ in touched], [x for x, _ in wanted])
    scale_y, shift_y = _line([y for _, y in touched], [y for _, y in wanted])
    fix = TouchFix(round(scale_x, 5), round(shift_x, 5), round(scale_y, 5), round(shift_y, 5))
    return fix if fix_fits(fix) and left_over(fix, touched, wanted) <= MOST_LEFT else None


def left_over(fix: TouchFix, touched: Sequence[Point], wanted: Sequence[Point] = TARGETS) -> float:
    """The largest error that remains, as a share of a side."""
    errors = [
        max(abs(a - b) for a, b in zip(fix.true_place(*told), target, strict=True))
        for told, target in zip(touched, wanted, strict=True)
    ]
    return max(errors, default=0.0)


def _line(told: Sequence[float], true: Sequence[float]) -> tuple[float, float]:
    """Slope and offset of true = slope * told + offset."""
    mean_told, mean_true = sum(told) / len(told), sum(true) / len(true)
    spread = sum((value - mean_told) ** 2 for value in told)
    if spread < 1e-6:
        return math.inf, 0.0
    slope = sum((a - mean_told) * (b - mean_true) for a, b in zip(told, true, strict=True)) / spread
    return slope, mean_true - slope * mean_told
