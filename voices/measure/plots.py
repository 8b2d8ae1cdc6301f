"""Pictures of measured against wanted pitch: small panels on one sheet, five Chao levels each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_INK, _GRID, _PALE = (30, 30, 30), (225, 225, 225), (120, 120, 120)
WANTED, MEASURED, WRONG = (235, 120, 0), (30, 90, 200), (200, 0, 40)
_MARGIN, _HEAD, _TITLE = 34, 24, 56
_LOW, _HIGH = 0.5, 5.5
"""Chao levels at the lower and the upper edge of a panel."""
_ROW_WIDTH, _ROW_HEIGHT, _BIN = 760, 130, 0.1


@dataclass(frozen=True, slots=True)
class Curve:
    """Chao levels evenly spaced from `start` to `end`, both shares of the panel's width."""

    start: float
    end: float
    levels: Sequence[float]
    colour: tuple[int, int, int]
    width: int


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    curves: Sequence[Curve]
    wrong: bool = False


def sheet(path: Path, title: str, panels: Sequence[Panel], columns: int, size: tuple[int, int]) -> None:
    """:param size: width and height of one panel in pixels."""
    rows = -(-len(panels) // columns)
    image = Image.new("RGB", (columns * size[0] + _MARGIN, _TITLE + rows * size[1] + 8), "white")
    draw = ImageDraw.Draw(image)
    draw.text((12, 10), title, fill=_INK, font=ImageFont.load_default(22))
    _legend(draw, image.width)
    for at, panel in enumerate(panels):
        _panel(draw, panel, (at % columns * size[0], _TITLE + at // columns * size[1]), size)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def _legend(draw: ImageDraw.ImageDraw, width: int) -> None:
    for at, (name, colour) in enumerate((("measured", MEASURED), ("wanted", WANTED), ("taken for another", WRONG))):
        left = width - 420 + 120 * at
        draw.line([(left, 24), (left + 24, 24)], fill=colour, width=4)
        draw.text((left + 30, 16), name, fill=_INK, font=ImageFont.load_default(14))


def _panel(draw: ImageDraw.ImageDraw, panel: Panel, corner: tuple[int, int], size: tuple[int, int]) -> None:
    left, top = corner[0] + _MARGIN, corner[1] + _HEAD
    width, height = size[0] - _MARGIN, size[1] - _HEAD - 10

    def y(level: float) -> float:
        return top + height * (_HIGH - min(max(level, _LOW), _HIGH)) / (_HIGH - _LOW)

    small = ImageFont.load_default(12)
    for level in range(1, 6):
        draw.line([(left, y(level)), (left + width - 8, y(level))], fill=_GRID)
        draw.text((left - 14, y(level) - 7), str(level), fill=_PALE, font=small)
    draw.text((left, corner[1] + 4), panel.title, fill=WRONG if panel.wrong else _INK, font=ImageFont.load_default(15))
    for curve in panel.curves:
        last = max(len(curve.levels) - 1, 1)
        places = [curve.start + (curve.end - curve.start) * n / last for n in range(len(curve.levels))]
        points = [(left + (width - 8) * x, y(level)) for x, level in zip(places, curve.levels, strict=True)]
        draw.line(points, fill=curve.colour, width=curve.width, joint="curve")


def histograms(path: Path, title: str, rows: Mapping[str, Sequence[float]], wanted: tuple[float, float]) -> None:
    """One row of bars for each name, all on one scale that reaches past `wanted`, whose two ends are marked."""
    low = math.floor(min(wanted[0], *(min(values) for values in rows.values()))) - 1
    high = math.ceil(max(wanted[1], *(max(values) for values in rows.values()))) + 1
    image = Image.new("RGB", (_ROW_WIDTH + 150, _TITLE + _ROW_HEIGHT * len(rows) + 34), "white")
    draw = ImageDraw.Draw(image)
    draw.text((12, 10), title, fill=_INK, font=ImageFont.load_default(22))

    def x(value: float) -> float:
        return 130 + _ROW_WIDTH * (value - low) / (high - low)

    foot = _TITLE + _ROW_HEIGHT * len(rows)
    for value in range(low, high + 1):
        draw.line([(x(value), _TITLE), (x(value), foot)], fill=_GRID)
        draw.text((x(value) - 9, foot + 6), str(value), fill=_PALE, font=ImageFont.load_default(13))
    for at, (name, values) in enumerate(rows.items()):
        base = _TITLE + _ROW_HEIGHT * (at + 1) - 12
        draw.text((12, base - 24), f"{name}: {len(values)}", fill=_INK, font=ImageFont.load_default(15))
        draw.line([(130, base), (130 + _ROW_WIDTH, base)], fill=_PALE)
        _bars(draw, values, x, base)
    for edge in wanted:
        draw.line([(x(edge), _TITLE), (x(edge), foot)], fill=WANTED, width=3)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def _bars(draw: ImageDraw.ImageDraw, values: Sequence[float], x: Callable[[float], float], base: int) -> None:
    counts = Counter(math.floor(value / _BIN) for value in values)
    most = max(counts.values())
    for number, count in counts.items():
        height = max((_ROW_HEIGHT - 30) * count / most, 2)
        box = (x(number * _BIN) + 1, base - height, x((number + 1) * _BIN) - 1, base)
        draw.rectangle(box, fill=MEASURED)
