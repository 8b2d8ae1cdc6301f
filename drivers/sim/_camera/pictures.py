"""Drawings of fictitious identity cards and papers, to be laid before a simulated camera.

The cards follow the places of GA 461 (85.6 x 54 mm) closely enough for reading, carry a mark across the portrait
and have neither emblem nor guilloche of a real one.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from drivers.sim._camera.paper_conditions import CARD_FACTOR, PAGE_FACTOR
from drivers.sim.faultbook import BadControl
from drivers.system_fonts import installed_font

Picture = NDArray[np.uint8]
"""Rows, columns, blue-green-red."""

CARD_MM = (85.6, 54.0)
A4_MM = (210.0, 297.0)
CARD_DOTS_PER_MM = 20.0
PAGE_DOTS_PER_MM = 8.0
ADDRESS_COLUMNS = 11
"""Characters in a line of the address."""
_SANS_SC, _MONO_SC = 2, 7
"""Places of the simplified Chinese faces within the collection."""
_INK, _LABEL_INK = (32, 30, 34), (40, 98, 160)
"""Red, green, blue; labels are printed in blue."""


@functools.cache
def _words() -> Mapping[str, Mapping[str, str]]:
    words: Mapping[str, Mapping[str, str]] = tomllib.loads(
        Path(__file__).with_name("printed_words.toml").read_text(encoding="utf-8")
    )
    return words


@functools.cache
def _font(size_px: int, face: int = _SANS_SC, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "NotoSansCJK-Bold.ttc" if bold else "NotoSansCJK-Regular.ttc"
    return ImageFont.truetype(installed_font(name), size_px, index=face)


class _Sheet:
    """A sheet that is drawn on in millimetres."""

    def __init__(self, size_mm: tuple[float, float], dots_per_mm: float, ground: Picture | None = None) -> None:
        self._scale = dots_per_mm
        size_px = (round(size_mm[0] * dots_per_mm), round(size_mm[1] * dots_per_mm))
        self.image = Image.new("RGB", size_px, (250, 250, 248)) if ground is None else Image.fromarray(ground)
        self.draw = ImageDraw.Draw(self.image)

    def text(
        self,
        at_mm: tuple[float, float],
        text: str,
        height_mm: float,
        ink: tuple[int, int, int] = _INK,
        *,
        face: int = _SANS_SC,
        bold: bool = False,
        pitch_mm: float | None = None,
    ) -> None:
        """`at_mm` is the upper left; with a pitch every character has its own place."""
        font = _font(round(height_mm * self._scale), face, bold)
        if pitch_mm is None:
            self.draw.text(self._dots(at_mm), text, ink, font, anchor="la")
            return
        x_mm = at_mm[0]
        for character in text:
            self.draw.text(self._dots((x_mm, at_mm[1])), character, ink, font, anchor="la")
            x_mm += pitch_mm * (0.6 if character.isascii() and face == _SANS_SC else 1.0)

    def _dots(self, at_mm: tuple[float, float]) -> tuple[float, float]:
        return at_mm[0] * self._scale, at_mm[1] * self._scale

    def bgr(self) -> Picture:
        return np.ascontiguousarray(np.asarray(self.image, np.uint8)[..., ::-1])


def _card_ground() -> Picture:
    """Pale blue to pale rose with fine waves, rounded corners cut by nobody: the desk shows the shape."""
    width, height = (round(side * CARD_DOTS_PER_MM) for side in CARD_MM)
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    waves = np.sin(2 * np.pi * (70 * y + 3 * np.sin(2 * np.pi * 2 * x)))[..., None] * np.array([5, 3, 2], np.float32)
    ground = np.array([214, 228, 236], np.float32) + x[..., None] * np.array([16, -2, -4], np.float32) + waves
    return np.asarray(np.clip(ground, 0, 255), np.uint8)


def _portrait(sheet: _Sheet) -> None:
    """A plain figure with a mark across it, so that no drawn card passes for a real one."""
    draw, scale = sheet.draw, CARD_DOTS_PER_MM
    left, top, right, bottom = (side * scale for side in (58.5, 7.5, 80.5, 35.5))
    middle = (left + right) / 2
    draw.rectangle((left, top, right, bottom), fill=(226, 230, 232))
    draw.ellipse((middle - 5 * scale, top + 4 * scale, middle + 5 * scale, top + 17 * scale), fill=(188, 160, 140))
    draw.chord((middle - 5.2 * scale, top + 3 * scale, middle + 5.2 * scale, top + 14 * scale), 180, 360, (70, 68, 70))
    draw.pieslice((left + scale, top + 18 * scale, right - scale, bottom + 10 * scale), 180, 360, (96, 104, 120))
    sheet.text((62.0, 24.0), _words()["front"]["specimen"], 7.0, (200, 70, 70), bold=True)


def id_front(person: Mapping[str, object]) -> Picture:
    """The side with the portrait.

    :param person: `name`, `sex` (1, 2), `nation` (GB/T 3304), `birth` (YYYY-MM-DD), `address`, `number`, as in
        config/demo/residents.toml.
    """
    words = _words()
    front = words["front"]
    sheet = _Sheet(CARD_MM, CARD_DOTS_PER_MM, _card_ground())
    _portrait(sheet)
    for label, y in (("name", 6.2), ("sex", 13.6), ("birth", 20.6), ("address", 27.4)):
        sheet.text((5.2, y), front[label], 3.0, _LABEL_INK, pitch_mm=3.5)
    sheet.text((25.5, 13.6), front["nation"], 3.0, _LABEL_INK, pitch_mm=3.5)
    sheet.text((15.0, 5.6), str(person["name"]), 4.0, pitch_mm=4.6)
    sheet.text((15.0, 13.2), words["sexes"][str(person["sex"])], 3.6)
    sheet.text((34.5, 13.2), words["nations"][str(person["nation"])], 3.6, pitch_mm=3.8)
    year, month, day = str(person["birth"]).split("-")
    for x, value, unit_x, unit in (
        (15.0, year, 24.2, "year"),
        (28.8, str(int(month)), 33.6, "month"),
        (38.4, str(int(day)), 43.0, "day"),
    ):
        sheet.text((x, 20.2), value, 3.6)
        sheet.text((unit_x, 20.6), front[unit], 3.0, _LABEL_INK)
    address = str(person["address"])
    for row, at in enumerate(range(0, len(address), ADDRESS_COLUMNS)):
        sheet.text((15.0, 27.0 + row * 4.7), address[at : at + ADDRESS_COLUMNS], 3.5, pitch_mm=3.62)
    sheet.text((5.2, 45.2), front["number"], 3.0, _LABEL_INK, pitch_mm=3.4)
    sheet.text((28.0, 44.6), str(person["number"]), 4.2, face=_MONO_SC, bold=True, pitch_mm=2.75)
    return sheet.bgr()


def id_back(person: Mapping[str, object]) -> Picture:
    """The side with issuer and validity: `issuer`, `valid_from`, `valid_until` (empty: for ever)."""
    back = _words()["back"]
    sheet = _Sheet(CARD_MM, CARD_DOTS_PER_MM, _card_ground())
    sheet.draw.ellipse([side * CARD_DOTS_PER_MM for side in (7.0, 6.0, 22.0, 21.0)], fill=(196, 84, 72))
    sheet.text((28.0, 7.0), back["state"], 5.0, pitch_mm=6.6)
    sheet.text((26.5, 16.2), back["title"], 7.6, bold=True, pitch_mm=10.4)
    sheet.text((17.5, 36.6), back["issuer"], 3.0, _LABEL_INK, pitch_mm=3.3)
    sheet.text((34.0, 36.2), str(person["issuer"]), 3.5, pitch_mm=3.6)
    sheet.text((17.5, 44.0), back["validity"], 3.0, _LABEL_INK, pitch_mm=3.3)
    begin = str(person["valid_from"]).replace("-", ".")
    until = str(person.get("valid_until") or "").replace("-", ".") or UNLIMITED
    sheet.text((34.0, 43.6), f"{begin}-{until}", 3.5)
    return sheet.bgr()


UNLIMITED = "长期"
_FRONT_KEYS = ("name", "sex", "nation", "birth", "address", "number")
_BACK_KEYS = ("issuer", "valid_from")


def page(lines: Sequence[str], title: str = "", stamp: bool = True) -> Picture:
    """An A4 page: a title, lines of 12 points (those too long are broken), and a round red stamp."""
    sheet = _Sheet(A4_MM, PAGE_DOTS_PER_MM)
    y = 26.0
    if title:
        sheet.text((105.0 - len(title) * 3.9, y), title, 7.4, bold=True, pitch_mm=7.8)
        y += 20.0
    for line in lines:
        for at in range(0, max(len(line), 1), 36):
            sheet.text((27.0, y), line[at : at + 36], 4.1, pitch_mm=4.3)
            y += 8.2
    picture = sheet.bgr()
    return _stamped(picture) if stamp else picture


def _stamped(picture: Picture) -> Picture:
    """Red ink over the last lines, as an office leaves it: a ring, a star, the office's name."""
    scale = PAGE_DOTS_PER_MM
    side = round(44 * scale)
    ink = Image.new("L", (side, side), 0)
    draw, middle = ImageDraw.Draw(ink), side / 2
    draw.ellipse((8, 8, side - 8, side - 8), outline=255, width=round(1.1 * scale))
    points = [(middle + r * scale * np.sin(a), middle - r * scale * np.cos(a)) for r, a in _star(6.0)]
    draw.polygon(points, fill=255)
    name = _words()["page"]["stamp"]
    for place, character in enumerate(name):
        angle = np.pi * (place / (len(name) - 1) - 0.5) * 1.35
        at = (middle + 14.5 * scale * np.sin(angle), middle - 14.5 * scale * np.cos(angle))
        draw.text(at, character, 255, _font(round(4.6 * scale), bold=True), anchor="mm")
    cover = np.asarray(ink, np.float32)[..., None] / 255 * 0.78
    top, left = round(218 * scale), round(134 * scale)
    part = picture[top : top + side, left : left + side].astype(np.float32)
    red = np.array([46, 38, 200], np.float32)
    picture[top : top + side, left : left + side] = np.clip(part * (1 - cover) + np.minimum(part, red) * cover, 0, 255)
    return picture


def _star(radius: float) -> list[tuple[float, float]]:
    return [(radius if corner % 2 == 0 else radius * 0.38, corner * np.pi / 5) for corner in range(10)]


def draw_page(request: object) -> tuple[Picture, float]:
    """What `show` has under `page`: `{"lines": [...], "title": …}` or a list of lines."""
    table = request if isinstance(request, Mapping) else {"lines": request}
    lines = table.get("lines")
    texts = [str(line) for line in lines] if isinstance(lines, list) else [str(lines or "")]
    return page(texts, str(table.get("title") or ""), table.get("stamp") is not False), PAGE_FACTOR


def draw_id_face(request: object) -> tuple[Picture, float]:
    """What `show` has under `id_face`: a person, with `side` "back" for the other side."""
    person = request if isinstance(request, Mapping) else {}
    wanted = _BACK_KEYS if person.get("side") == "back" else _FRONT_KEYS
    if missing := [key for key in wanted if key not in person]:
        raise BadControl(f"id_face needs {', '.join(missing)}")
    return (id_back if person.get("side") == "back" else id_front)(person), CARD_FACTOR
