"""Icons and pictures: real SVG files of a small subset, drawn once as smooth alpha textures.

Subset: viewBox 0 0 W H; path (M L H V C Q A Z, absolute and relative), line, polyline, polygon, rect
(rx), circle, ellipse. `class` names the ink: `line` (stroke), `accent` (stroke), `fill`, `soft` (areas).
Stroke is 8 of 100 unless `stroke-width` says otherwise; caps and joins are round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, ceil, cos, pi, sin, sqrt
from pathlib import Path
from xml.etree import ElementTree

Point = tuple[float, float]
_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
INKS = ("soft", "fill", "line", "accent")
"""Order of drawing, first at the bottom."""


@dataclass(frozen=True, slots=True)
class Stroke:
    ink: str
    points: tuple[Point, ...]
    width: float
    closed: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    width: float
    height: float
    strokes: tuple[Stroke, ...]

    @property
    def inks(self) -> tuple[str, ...]:
        used = {stroke.ink for stroke in self.strokes}
        return tuple(ink for ink in INKS if ink in used)


def is_area(ink: str) -> bool:
    return ink in ("fill", "soft")


def read(path: Path) -> Drawing:
    """:raises ValueError: not of the subset."""
    root = ElementTree.parse(path).getroot()
    _, _, width, height = (float(part) for part in root.get("viewBox", "0 0 100 100").split())
    strokes: list[Stroke] = []
    for element in root.iter():
        name = element.tag.removeprefix(_SVG)
        if name in ("svg", "g", "title", "desc"):
            continue
        ink = element.get("class", "line")
        if ink not in INKS:
            raise ValueError(f"{path.name}: unknown ink {ink}")
        stroke_width = float(element.get("stroke-width", "8"))
        for points, closed in _outlines(name, element, path.name):
            strokes.append(Stroke(ink, tuple(points), stroke_width, closed))
    drawing = Drawing(width, height, tuple(strokes))
    return _filled(drawing) if width == height else drawing


def _filled(drawing: Drawing) -> Drawing:
    """An icon's ink fills its square, so that 20 mm are 20 mm of ink whoever drew it."""
    reach = [(x, y, s.width / 2 if not is_area(s.ink) else 0.0) for s in drawing.strokes for x, y in s.points]
    left, right = min(x - r for x, _, r in reach), max(x + r for x, _, r in reach)
    low, high = min(y - r for _, y, r in reach), max(y + r for _, y, r in reach)
    side = drawing.width
    scale = side / max(right - left, high - low)
    dx, dy = (side - (right + left) * scale) / 2, (side - (high + low) * scale) / 2
    strokes = tuple(
        Stroke(s.ink, tuple((x * scale + dx, y * scale + dy) for x, y in s.points), s.width * scale, s.closed)
        for s in drawing.strokes
    )
    return Drawing(side, drawing.height, strokes)


def _outlines(name: str, element: ElementTree.Element, where: str) -> list[tuple[list[Point], bool]]:
    def number(key: str) -> float:
        return float(element.get(key, "0"))

    if name == "path":
        return _path(element.get("d", ""))
    if name == "line":
        return [([(number("x1"), number("y1")), (number("x2"), number("y2"))], False)]
    if name in ("polyline", "polygon"):
        flat = [float(part) for part in re.split(r"[ ,]+", element.get("points", "").strip())]
        return [(list(zip(flat[::2], flat[1::2], strict=True)), name == "polygon")]
    if name == "circle":
        return [(_ellipse(number("cx"), number("cy"), number("r"), number("r")), True)]
    if name == "ellipse":
        return [(_ellipse(number("cx"), number("cy"), number("rx"), number("ry")), True)]
    if name == "rect":
        return [(_rect(number("x"), number("y"), number("width"), number("height"), number("rx")), True)]
    raise ValueError(f"{where}: <{name}> is not of the subset")


def _ellipse(cx: float, cy: float, rx: float, ry: float, steps: int = 48) -> list[Point]:
    return [(cx + rx * cos(2 * pi * i / steps), cy + ry * sin(2 * pi * i / steps)) for i in range(steps)]


def _rect(x: float, y: float, w: float, h: float, r: float) -> list[Point]:
    if r <= 0:
        return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    corners = ((x + w - r, y + r, -90), (x + w - r, y + h - r, 0), (x + r, y + h - r, 90), (x + r, y + r, 180))
    return [
        (cx + r * cos((start + step * 15) * pi / 180), cy + r * sin((start + step * 15) * pi / 180))
        for cx, cy, start in corners
        for step in range(7)
    ]


class _Pen:
    """Walks a path's commands and collects its outlines."""

    def __init__(self, data: str):
        self.tokens = _NUMBER.findall(data)
        self.at = 0
        self.here: Point = (0.0, 0.0)
        self.done: list[tuple[list[Point], bool]] = []
        self.current: list[Point] = []

    def take(self) -> float:
        self.at += 1
        return float(self.tokens[self.at - 1])

    def point(self, relative: bool) -> Point:
        x, y = self.take(), self.take()
        return (self.here[0] + x, self.here[1] + y) if relative else (x, y)

    def finish(self, closed: bool) -> None:
        if len(self.current) > 1:
            self.done.append((self.current, closed))
        self.current = []

    def go(self, to: Point) -> None:
        self.current.append(to)
        self.here = to


def _path(data: str) -> list[tuple[list[Point], bool]]:
    pen, command = _Pen(data), "M"
    while pen.at < len(pen.tokens):
        if pen.tokens[pen.at].isalpha():
            command = pen.tokens[pen.at]
            pen.at += 1
        if command in "Zz":
            start = pen.current[0] if pen.current else pen.here
            pen.finish(True)
            pen.here = start
            pen.current = []
            continue
        _draw(pen, command)
        if command in "Mm":
            command = "L" if command == "M" else "l"
    pen.finish(False)
    return pen.done


def _draw(pen: _Pen, command: str) -> None:
    relative, kind = command.islower(), command.upper()
    if not pen.current and kind != "M":
        pen.current = [pen.here]
    if kind == "M":
        to = pen.point(relative)
        pen.finish(False)
        pen.go(to)
    elif kind == "L":
        pen.go(pen.point(relative))
    elif kind == "H":
        x = pen.take()
        pen.go((pen.here[0] + x if relative else x, pen.here[1]))
    elif kind == "V":
        y = pen.take()
        pen.go((pen.here[0], pen.here[1] + y if relative else y))
    elif kind in "CQ":
        _curve(pen, [pen.here] + [pen.point(relative) for _ in range(3 if kind == "C" else 2)])
    elif kind == "A":
        rx, ry, turn, large, sweep = (pen.take() for _ in range(5))
        _arc(pen, abs(rx), abs(ry), turn, bool(large), bool(sweep), pen.point(relative))
    else:
        raise ValueError(f"path command {command} is not of the subset")


def _curve(pen: _Pen, control: list[Point], steps: int = 20) -> None:
    for step in range(1, steps + 1):
        t, points = step / steps, control
        while len(points) > 1:
            points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points)]
        pen.current.append(points[0])
    pen.here = control[-1]


def _arc(pen: _Pen, rx: float, ry: float, turn: float, large: bool, sweep: bool, to: Point) -> None:
    """Endpoint to centre form as in SVG 1.1 F.6.5; `turn` (rotated ellipses) is not of the subset."""
    if turn:
        raise ValueError("rotated arcs are not of the subset")
    (x1, y1), (x2, y2) = pen.here, to
    dx, dy = (x1 - x2) / 2, (y1 - y2) / 2
    scale = sqrt(max(1.0, dx * dx / (rx * rx) + dy * dy / (ry * ry)))
    rx, ry = rx * scale, ry * scale
    below = rx * rx * dy * dy + ry * ry * dx * dx
    root = sqrt(max(0.0, rx * rx * ry * ry - below) / below) if below else 0.0
    root = root if large != sweep else -root
    cx_, cy_ = root * rx * dy / ry, -root * ry * dx / rx
    cx, cy = cx_ + (x1 + x2) / 2, cy_ + (y1 + y2) / 2
    start = atan2((dy - cy_) / ry, (dx - cx_) / rx)
    end = atan2((-dy - cy_) / ry, (-dx - cx_) / rx)
    sweep_angle = (end - start) % (2 * pi)
    if not sweep:
        sweep_angle -= 2 * pi
    steps = max(4, ceil(abs(sweep_angle) / (pi / 18)))
    for step in range(1, steps + 1):
        angle = start + sweep_angle * step / steps
        pen.current.append((cx + rx * cos(angle), cy + ry * sin(angle)))
    pen.here = to
