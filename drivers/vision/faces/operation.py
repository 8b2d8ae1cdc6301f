"""The operation "face": an identity card's printed side becomes one reply. What it says is never logged.

Request: `want` = "ready" (load the engine), "presence", "front" or "back"; `box` as for codes; `places`, a file of
towns and villages (optional).
Replies, each when it changes: {"ev": "seen", "present": bool}, {"ev": "hint", "hint": …}; once: {"ev": "face", …},
{"ev": "back", …}; {"ev": "no_engine"}.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np

from drivers.api import CaptureHint
from drivers.vision import quality
from drivers.vision.codes.operation import WHOLE, box_from, cropped
from drivers.vision.faces import card, places
from drivers.vision.faces.card import CardReader, Reading, Side
from drivers.vision.faces.engine import Engine, EngineMissing
from drivers.vision.faces.parse import Back, Front
from drivers.vision.faces.votes import Votes
from drivers.vision.frames import Frame
from drivers.vision.ops import BadRequest, Reply
from drivers.vision.quads import Floats, Picture, Quad, find_quad, straighten

PLACES = Path(__file__).with_name("places_350213.tsv")
WANTED = ("ready", "presence", "front", "back")
WORTH_READING = 0.2
"""A card seen steeply has a low score; whether it is one, its print tells."""
STILL = 0.02
"""Of the card's width between two pictures; a hand's tremor is less."""
SAME_PLACE = 0.01
"""So near to where it was read, name and number stand where they stood."""
LOOK_EVERY_S = 0.2
DARK_BELOW = 24.0
SOFT_BELOW = 0.115
"""Softer strokes than these are not even tried."""
PERHAPS_DARK, PERHAPS_SOFT, PERHAPS_GLARE = 45.0, 0.17, 0.004
"""What is told as the reason when reading failed."""
CUT_OFF_AREA = 0.08
GLARED_READINGS = 3
"""So often must a card under a lamp that nobody turns away be read alike; what the lamp may hide is then in doubt."""


_LOADING = threading.Lock()


def engine() -> Engine:
    """One a process; loading it takes a second, and who comes meanwhile waits for the same. :raises EngineMissing:"""
    with _LOADING:
        return _loaded()


@functools.cache
def _loaded() -> Engine:
    return Engine()


class FaceOp:
    """`drivers.vision.ops.Op`."""

    heavy: ClassVar[bool] = True

    def __init__(self) -> None:
        self._want = "presence"
        self._box = WHOLE
        self._reader: CardReader | None = None
        self._today = date.today
        self._votes = Votes()
        self._backs: list[Back] = []
        self._glared: list[Front | Back] = []
        self._before: Floats | None = None
        self._read_at: tuple[Floats, Reading] | None = None
        self._present: bool | None = None
        self._hint: CaptureHint | None = None
        self._looked_s = 0.0
        self._done = False

    def start(self, request: Mapping[str, object]) -> None:
        want = request.get("want", "presence")
        if want not in WANTED:
            raise BadRequest(f"want is one of {', '.join(WANTED)}")
        self._want = str(want)
        self._box = box_from(request.get("box", WHOLE))
        file = request.get("places")
        try:
            gazetteer = places.load(Path(str(file)) if file else PLACES)
        except (OSError, ValueError) as error:
            raise BadRequest(f"places: {error}") from error
        if self._want == "presence":
            return  # an outline needs no reading
        try:
            self._reader = CardReader(engine(), gazetteer)
        except EngineMissing:
            self._reader = None

    def on_frame(self, frame: Frame) -> list[Reply]:
        if self._reader is None and self._want != "presence":
            return self._once({"ev": "no_engine"})
        if self._done or self._want == "ready" or frame.t_monotonic - self._looked_s < LOOK_EVERY_S:
            return []
        self._looked_s = frame.t_monotonic
        picture = cropped(frame.bgr, self._box)
        quad = find_quad(picture, card.ASPECT)
        hint = _no_card(quad)
        if hint is not None and quality.is_night(picture):
            hint = CaptureHint.TOO_DARK
        told = self._presence(hint not in (CaptureHint.NO_PAGE, CaptureHint.TOO_DARK))
        if self._reader is None:
            return told
        if hint is None and quad is not None:
            hint, found = self._look(self._reader, picture, quad.corners)
            told += found
        else:
            self._before = None
        return told + self._hinted(hint)

    def stop(self) -> None:
        self._votes.forget()
        self._backs.clear()
        self._glared.clear()
        self._before = self._read_at = None
        self._done = True

    def _look(self, reader: CardReader, picture: Picture, corners: Floats) -> tuple[CaptureHint | None, list[Reply]]:
        """One picture of a card that lies there: a hint when it cannot be used, replies when it is enough."""
        before, self._before = self._before, corners
        if before is None or quality.moved(before, corners) > STILL:
            self._read_at = None
            return (CaptureHint.HOLD_STILL if before is not None else None), []
        if (hint := spoiled(picture, corners)) is not None:
            return hint, []
        if self._read_at is not None and quality.moved(self._read_at[0], corners) < SAME_PLACE:
            name, number = reader.look_again(picture, corners, self._read_at[1], self._today())
            agrees = self._votes.seen(name, number)
            self._read_at = None
            return (None if agrees else CaptureHint.NUMBER_WRONG), self._agreed()
        return self._read(reader, picture, corners)

    def _read(self, reader: CardReader, picture: Picture, corners: Floats) -> tuple[CaptureHint | None, list[Reply]]:
        reading = reader.read(picture, corners, self._today())
        wanted = Side.FRONT if self._want == "front" else Side.BACK
        if reading.side not in (wanted, Side.UNKNOWN):
            return CaptureHint.OTHER_SIDE, []
        if (hint := trouble(reading, picture, corners)) is not None:
            return hint, self._in_spite_of_a_lamp(reading)
        if reading.back is not None:
            self._backs.append(reading.back)
        elif reading.front is not None:
            if not self._votes.read(reading.front):
                return CaptureHint.NUMBER_WRONG, []
            self._read_at = (corners, reading)
        return None, self._agreed()

    def _in_spite_of_a_lamp(self, reading: Reading) -> list[Reply]:
        """A whole card that stays under its lamp: she was asked to turn it, and is not asked for ever."""
        read = reading.front or reading.back
        if not reading.glare or read is None or not is_enough(reading):
            return []
        self._glared.append(read)
        alike = [other for other in self._glared if same_fields(other, read)]
        if len(alike) < GLARED_READINGS:
            return []
        self._done = True
        doubts = frozenset().union(*(other.doubts for other in alike))
        told = replace(read, doubts=doubts)
        return [front_reply(told) if isinstance(told, Front) else back_reply(told)]

    def _agreed(self) -> list[Reply]:
        if self._want == "front" and (front := self._votes.agreed()) is not None:
            self._done = True
            return [front_reply(front)]
        for at, back in enumerate(self._backs):
            alike = [other for other in self._backs[at + 1 :] if same_fields(back, other)]
            if alike:
                self._done = True
                return [back_reply(replace(back, doubts=back.doubts.union(*(other.doubts for other in alike))))]
        return []

    def _presence(self, present: bool) -> list[Reply]:
        if present is self._present:
            return []
        self._present = present
        return [{"ev": "seen", "present": present}]

    def _hinted(self, hint: CaptureHint | None) -> list[Reply]:
        if hint is None or hint is self._hint or self._done:
            return []
        self._hint = hint
        return [{"ev": "hint", "hint": hint.value}]

    def _once(self, reply: Reply) -> list[Reply]:
        if self._done:
            return []
        self._done = True
        return [reply]


def _no_card(quad: Quad | None) -> CaptureHint | None:
    """Why nothing of this picture is read; None when something shaped like a card lies there whole."""
    if quad is None:
        return CaptureHint.NO_PAGE
    if quad.reaches_out(CUT_OFF_AREA):
        return CaptureHint.CUT_OFF
    return None if quad.score >= WORTH_READING and quad.shows_edges else CaptureHint.NO_PAGE


def spoiled(picture: Picture, corners: Floats) -> CaptureHint | None:
    """Why a card is not even tried: too dark, or softer than anything that was ever read."""
    alone = straighten(picture, corners, native_size(corners))
    if quality.brightness(alone) < DARK_BELOW:
        return CaptureHint.TOO_DARK
    gray = np.asarray(cv2.cvtColor(alone, cv2.COLOR_BGR2GRAY), np.uint8)
    return CaptureHint.BLURRED if quality.sharpness(gray) < SOFT_BELOW else None


def is_enough(reading: Reading) -> bool:
    """Everything that a side must say was read."""
    if reading.front is not None:
        return bool(reading.front.number and reading.front.name and reading.front.address)
    return reading.back is not None and reading.back.is_whole


def same_fields(one: Front | Back, other: Front | Back) -> bool:
    """What they say is the same, however sure each is of it."""
    return replace(one, doubts=frozenset()) == replace(other, doubts=frozenset())


def trouble(reading: Reading, picture: Picture, corners: Floats) -> CaptureHint | None:
    """Why a reading does not count, in the words that help most; None when it counts."""
    if reading.glare:
        return CaptureHint.GLARE
    if is_enough(reading):
        return None
    alone = straighten(picture, corners, native_size(corners))
    if quality.glare_share(alone) > PERHAPS_GLARE:
        return CaptureHint.GLARE
    if quality.brightness(alone) < PERHAPS_DARK:
        return CaptureHint.TOO_DARK
    if quality.sharpness(np.asarray(cv2.cvtColor(alone, cv2.COLOR_BGR2GRAY), np.uint8)) < PERHAPS_SOFT:
        return CaptureHint.BLURRED
    rejected = reading.front is not None and reading.front.number_rejected
    return CaptureHint.NUMBER_WRONG if rejected else CaptureHint.UNREADABLE


def native_size(corners: Floats) -> tuple[int, int]:
    """Width and height of the thing as it was photographed: enlarging it would make it softer."""
    quad = Quad(corners, 0.0, False)
    return max(32, min(2048, round(quad.width_px))), max(32, min(2048, round(quad.height_px)))


def front_reply(front: Front) -> Reply:
    """The reply "face"."""
    return {
        "ev": "face",
        "name": front.name,
        "sex": front.sex,
        "nation": front.nation,
        "birth": front.birth.isoformat() if front.birth else "",
        "address": front.address,
        "number": front.number,
        "uncertain": sorted(front.doubts),
    }


def back_reply(back: Back) -> Reply:
    """The reply "back"; `valid_until` is empty for ever."""
    return {
        "ev": "back",
        "issuer": back.issuer,
        "valid_from": back.valid_from.isoformat() if back.valid_from else "",
        "valid_until": back.valid_until.isoformat() if back.valid_until else "",
        "uncertain": sorted(back.doubts),
    }
