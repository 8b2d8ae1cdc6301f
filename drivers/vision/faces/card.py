"""Reads one picture of a card: straightened, turned the right way up, its fields found by their places and read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.vision import quality
from drivers.vision.faces import hidden, parse
from drivers.vision.faces.engine import Box, Engine, Text
from drivers.vision.faces.parse import Back, Front, Said
from drivers.vision.faces.places import Gazetteer
from drivers.vision.faces.printed import printed
from drivers.vision.quads import Floats, Picture, straighten

ASPECT = 85.6 / 54.0
CARD_PX = (1024, 646)
LOOK_PX = (720, 454)
"""Size at which lines are looked for: large enough for single characters, and a third of the cost."""
GRAINY = 7.0
DIGITS = "0123456789X"
DIGITS_OF_A_NUMBER = 12
"""So many in a row are a number, even when some are spoiled; dates are shorter."""
LABEL_STEPS_MAX = 8
"""Characters of a label that may precede a number on its line."""
MARGIN = 0.12
"""Around a line, of its height."""


class Side(StrEnum):
    FRONT = "front"
    BACK = "back"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a field stands (GA 461), in parts of the card; `spot` is where to look when no line was found there."""

    left: float
    top: float
    right: float
    bottom: float
    spot: Box | None = None

    def holds(self, box: Box) -> bool:
        return self.left <= box.middle_x < self.right and self.top <= box.middle_y < self.bottom


LABELS_END = 0.165
NATION_FROM = 0.287
PORTRAIT_FROM = 0.66
NAME = Zone(0.0, 0.05, PORTRAIT_FROM, 0.21)
SEX = Zone(0.0, 0.21, NATION_FROM, 0.345, Box(0.16, 0.225, 0.25, 0.335))
NATION = Zone(NATION_FROM, 0.21, PORTRAIT_FROM, 0.345, Box(0.385, 0.225, 0.5, 0.335))
BIRTH = Zone(0.0, 0.345, PORTRAIT_FROM, 0.472, Box(0.16, 0.35, 0.54, 0.465))
ADDRESS = Zone(0.0, 0.472, PORTRAIT_FROM, 0.79)
NUMBER = Zone(0.0, 0.79, 1.0, 1.0, Box(0.3, 0.8, 0.95, 0.93))
TITLE = Zone(0.2, 0.26, 0.95, 0.52)
ISSUER = Zone(0.36, 0.62, 1.0, 0.775)
VALIDITY = Zone(0.36, 0.775, 1.0, 0.95)
VALUES_FROM = 0.38
"""On the back, where the values stand behind their labels."""
NAME_OF = {NAME: "name", NATION: "nation", ADDRESS: "address", NUMBER: "number", ISSUER: "issuer", VALIDITY: "validity"}
ROW_STEP = 0.045
"""From one row of the address to the next its middle goes down by more."""
PAPER_WHITE = 232.0
"""Paper so light beside dark ink is only well lit: white beside it need not be a lamp."""
BURNT_OF_A_CHARACTER = 0.15
"""Of a character's square: under so much burnt-out print a stroke may be missing."""
HIDING = 0.5
HIDDEN_BESIDE = 2.5
"""Characters before and behind a line that a mirrored lamp could hide without anybody missing them."""
GLARE_ON_CARD = 0.004
"""Of a card on which nothing was found: the lamp is the likeliest reason."""
_FRONT_FIELDS = (NAME, SEX, NATION, BIRTH, ADDRESS, NUMBER)
_BACK_FIELDS = (ISSUER, VALIDITY)


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """What one picture of a card showed."""

    side: Side
    front: Front | None = None
    back: Back | None = None
    glare: bool = False
    """A mirrored lamp covers a part of a field; which ones are in doubt."""
    places: dict[str, list[Box]] = field(default_factory=dict)
    """Where name and number stand, for a second look."""
    turned: bool = False

    def __repr__(self) -> str:
        return f"Reading({self.side.value}, ***)"


class CardReader:
    """Reads cards with one engine; one thread uses it."""

    def __init__(self, engine: Engine, places: Gazetteer | None) -> None:
        self._engine = engine
        self._places = places

    def read(self, picture: Picture, corners: Floats, today: date) -> Reading:
        """Everything that stands on the side that is up."""
        raw = straighten(picture, corners, CARD_PX)
        card = prepared(raw)
        boxes = self._engine.lines(np.asarray(cv2.resize(card, LOOK_PX, interpolation=cv2.INTER_AREA), np.uint8))
        side, turned = self._side(card, boxes)
        if turned:
            raw, card = raw[::-1, ::-1], np.ascontiguousarray(card[::-1, ::-1])
            boxes = [box.upside_down() for box in reversed(boxes)]
        if side is Side.FRONT:
            return self._front(raw, card, boxes, turned, today)
        if side is Side.BACK:
            return self._back(raw, card, boxes, turned, today)
        return Reading(Side.UNKNOWN, glare=quality.glare_share(raw) > GLARE_ON_CARD)

    def look_again(self, picture: Picture, corners: Floats, first: Reading, today: date) -> tuple[str, str]:
        """Name and number alone, where they stood in a reading of a moment ago."""
        card = prepared(straighten(picture, corners, CARD_PX))
        if first.turned:
            card = np.ascontiguousarray(card[::-1, ::-1])
        names, numbers = (first.places.get(name, []) for name in ("name", "number"))
        texts = self._engine.read([_cut(card, box) for box in (*names, *numbers)])
        name = parse.name_of(_joined(texts[: len(names)]))
        number, _ = parse.number_in("".join(self._digits(text) for text in texts[len(names) :]), today)
        return name, number

    def _side(self, card: Picture, boxes: Sequence[Box]) -> tuple[Side, bool]:
        """Which side is up and whether it lies upside down, by the number's row or the title's."""
        for turned in (False, True):
            lying = [box.upside_down() for box in boxes] if turned else list(boxes)
            upright = np.ascontiguousarray(card[::-1, ::-1]) if turned else card
            rows = [box for box in lying if NUMBER.holds(box) and box.width > 0.3]
            if rows and _longest_run(self._read(upright, rows[:2])) >= DIGITS_OF_A_NUMBER:
                return Side.FRONT, turned
            rows = [box for box in lying if TITLE.holds(box) and box.width > 0.15]
            if rows and _alike(self._read(upright, rows[:5]), printed().title) >= 3:
                return Side.BACK, turned
        return Side.UNKNOWN, False

    def _read(self, card: Picture, boxes: Sequence[Box]) -> list[Text]:
        return self._engine.read([_cut(card, box) for box in boxes]) if boxes else []

    def _front(self, raw: Picture, card: Picture, boxes: Sequence[Box], turned: bool, today: date) -> Reading:
        parted = [part for box in boxes for part in _parted(box)]
        found = {zone: _in_zone(zone, parted) for zone in _FRONT_FIELDS}
        wanted = [(zone, box) for zone, inside in found.items() for box in inside]
        texts = self._read(card, [box for _, box in wanted])
        said: dict[Zone, list[tuple[Box, Text]]] = {zone: [] for zone in _FRONT_FIELDS}
        for (zone, box), text in zip(wanted, texts, strict=True):
            said[zone].append((box, text))
        number = "".join(self._digits(text) for _, text in said[NUMBER])
        reading = parse.front(
            name=_joined([text for _, text in said[NAME]]),
            sex=_joined([text for _, text in said[SEX]]),
            nation=self._nation([text for _, text in said[NATION]]),
            birth=_joined([text for _, text in said[BIRTH]]),
            address=_rows(said[ADDRESS]),
            number=Said(number),
            today=today,
            places=self._places,
        )
        places = {"name": found[NAME], "number": found[NUMBER]}
        glared = _glared(raw, found)
        doubts = reading.doubts | _named(glared | _hidden(raw, found, LABELS_END))
        return Reading(Side.FRONT, replace(reading, doubts=doubts), None, _lamps(raw, glared, found), places, turned)

    def _digits(self, text: Text) -> str:
        """The number on its line: behind the label, nothing but digits and X can stand."""
        characters = text.characters
        begin = 0
        for at, character in enumerate(characters[:LABEL_STEPS_MAX]):
            if character not in DIGITS:
                begin = text.steps[at] + 1
        return self._engine.only(text, DIGITS, begin).characters

    def _nation(self, texts: Sequence[Text]) -> Said:
        """As read when that is in the closed list, else as it can be read with the list's characters alone."""
        said = _joined(texts)
        if not texts or parse.nation_of(said.text)[0]:
            return said
        alphabet = set("".join(printed().nations.values()) + printed().nation_label)
        return _joined([self._engine.only(text, alphabet) for text in texts])

    def _back(self, raw: Picture, card: Picture, boxes: Sequence[Box], turned: bool, today: date) -> Reading:
        found = {zone: _in_zone(zone, boxes) for zone in _BACK_FIELDS}
        issuer, validity = (_joined(self._read(card, found[zone])) for zone in _BACK_FIELDS)
        reading = parse.back(issuer, validity, today)
        glared = _glared(raw, found)
        doubts = reading.doubts | _named(glared | _hidden(raw, found, VALUES_FROM))
        return Reading(Side.BACK, None, replace(reading, doubts=doubts), _lamps(raw, glared, found), {}, turned)


def prepared(card: Picture) -> Picture:
    """The straightened card as the engine reads it best: full contrast, without a dark picture's grain."""
    even = quality.evened(card)
    if quality.noise(np.asarray(cv2.cvtColor(even, cv2.COLOR_BGR2GRAY), np.uint8)) > GRAINY:
        return np.asarray(cv2.GaussianBlur(even, (0, 0), 1.2), np.uint8)
    return even


def _cut(card: Picture, box: Box) -> Picture:
    height, width = card.shape[:2]
    margin = box.height * MARGIN * height
    top, bottom = max(0, int(box.top * height - margin)), min(height, int(np.ceil(box.bottom * height + margin)))
    left, right = max(0, int(box.left * width - margin)), min(width, int(np.ceil(box.right * width + margin)))
    return card[top : max(bottom, top + 2), left : max(right, left + 2)]


def _parted(box: Box) -> list[Box]:
    """Sex and nation stand on one row; a line found across both is two."""
    if SEX.top <= box.middle_y < SEX.bottom and box.left < NATION_FROM - 0.05 and box.right > NATION_FROM + 0.05:
        return [Box(box.left, box.top, NATION_FROM, box.bottom), Box(NATION_FROM, box.top, box.right, box.bottom)]
    return [box]


def _in_zone(zone: Zone, boxes: Sequence[Box]) -> list[Box]:
    """The lines of a field, row by row from the left; labels that stand alone left out."""
    inside = [box for box in boxes if zone.holds(box) and box.right > LABELS_END]
    if zone.spot is not None and not any(box.right > zone.spot.left + 0.02 for box in inside):
        inside = [zone.spot]
    return sorted(inside, key=lambda box: (round(box.middle_y / 0.06), box.left))


def _joined(texts: Sequence[Text]) -> Said:
    return Said("".join(text.characters for text in texts), min((text.least_sure for text in texts), default=0.0))


def _rows(parts: Sequence[tuple[Box, Text]]) -> list[Said]:
    """Pieces of one row joined."""
    text_of = dict(parts)
    return [_joined([text_of[box] for box in row]) for row in _by_rows(list(text_of))]


def _by_rows(boxes: Sequence[Box]) -> list[list[Box]]:
    """Row by row from the top, each from the left; a new row begins where the middle goes down by half a line."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.middle_y):
        if rows and box.middle_y - rows[-1][0].middle_y < ROW_STEP:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [sorted(row, key=lambda box: box.left) for row in rows]


def _longest_run(texts: Sequence[Text]) -> int:
    return max((len(run) for text in texts for run in re.findall("[0-9X]+", text.characters)), default=0)


def _alike(texts: Sequence[Text], title: str) -> int:
    seen = {character for text in texts for character in text.characters}
    return sum(character in seen for character in title)


def _named(zones: Iterable[Zone]) -> frozenset[str]:
    return frozenset(NAME_OF[zone] for zone in zones if zone in NAME_OF)


def _glared(raw: Picture, found: Mapping[Zone, Sequence[Box]]) -> set[Zone]:
    """Where white lies on print, or where print may go on unseen.

    On bare card it does no harm, nor on sex and birth: both stand in the number, which is tested by itself.
    """
    burnt = np.asarray(raw.min(axis=2) >= quality.GLARE_FROM)
    return {zone for zone, boxes in found.items() if zone not in (SEX, BIRTH) and _burnt(burnt, zone, boxes)}


def _lamps(raw: Picture, glared: Iterable[Zone], found: Mapping[Zone, Sequence[Box]]) -> bool:
    """Whether a mirrored lamp makes the white: on paper that is nearly white by itself that cannot be told."""
    for zone in glared:
        rows = [hidden.row_of(raw, boxes, LABELS_END) for boxes in _by_rows(found[zone])]
        papers = [row.paper for row in rows if row is not None]
        if not papers or min(papers) < PAPER_WHITE:
            return True
    return False


def _hidden(raw: Picture, found: Mapping[Zone, Sequence[Box]], from_x: float) -> set[Zone]:
    """Fields of which something may be hidden under a haze: a gap in a row, a row set in, or veiled paper behind it.

    Not the number: a character less is no number. Nor sex and birth, which are told by it.
    """
    rows = {
        zone: [(row, _around(boxes)) for boxes in _by_rows(found[zone]) if (row := hidden.row_of(raw, boxes, from_x))]
        for zone in found
        if zone in NAME_OF and zone is not NUMBER
    }
    # The nation stands in a column of its own, behind its label.
    aligned = [row.begins_px for zone, own in rows.items() if zone is not NATION for row, _ in own]
    edge_px = min(aligned, default=0)
    torn = set()
    for zone, own in rows.items():
        for row, box in own:
            gap = zone is not NATION and row.widest_gap > hidden.GAP
            set_in = zone is not NATION and row.begins_px - edge_px > hidden.SET_IN * row.side
            if gap or set_in or _veiled(raw, zone, row, box, row is own[-1][0]):
                torn.add(zone)
    return torn


def _veiled(raw: Picture, zone: Zone, row: hidden.Row, box: Box, is_last: bool) -> bool:
    """Paper behind the row, and before and below the last of an address: there print could stand that is not seen."""
    height, width = raw.shape[:2]
    beside = HIDDEN_BESIDE * row.side / width
    ends = row.ends / width
    behind = Box(ends + row.side / 8 / width, box.top, min(ends + beside, zone.right), box.bottom)
    if hidden.is_veiled(raw, row, behind):
        return True
    if zone is not ADDRESS or not is_last:
        return False
    begins = row.begins_px / width
    below = Box(begins, box.bottom, begins + beside, min(box.bottom + row.side / height, zone.bottom))
    return hidden.is_veiled(raw, row, below)


def _around(boxes: Sequence[Box]) -> Box:
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def _burnt(burnt: NDArray[np.bool_], zone: Zone, boxes: Sequence[Box]) -> bool:
    height, width = burnt.shape
    if not boxes:
        boxes = [Box(zone.left, zone.top, zone.right, zone.bottom)]
    side_px = min(box.height for box in boxes) * height
    near = np.zeros_like(burnt)
    for box in boxes:
        # What stands beside the line, and the beginning of the row below, could be hidden whole.
        beside = HIDDEN_BESIDE * side_px / width
        left, right = max(box.left - beside, zone.left, LABELS_END), min(box.right + beside, zone.right)
        bottom = min(box.bottom + (side_px / height if zone is ADDRESS else 0.0), zone.bottom)
        near[int(box.top * height) : int(bottom * height), int(left * width) : int(right * width)] = True
    # Between strokes that can be seen, white is only paper: what hides some is as wide as half a character.
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, round(side_px * HIDING)),) * 2)
    hidden = cv2.morphologyEx((burnt & near).astype(np.uint8), cv2.MORPH_OPEN, brush)
    return bool(hidden.sum() > BURNT_OF_A_CHARACTER * side_px**2)
