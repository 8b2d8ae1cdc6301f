"""When a code that a reader saw is believed, and when it is told. Pure: the clock comes with every call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from drivers.vision.codes.readers import Found

WITHIN_S = 2.0
"""Two sightings of one text further apart than this do not confirm each other."""
REPEAT_S = 3.0
"""The same text within this time is the same code still held there."""
MOST_KEPT = 64

V = TypeVar("V")

AT_ONCE = frozenset({"qr", "pdf417"})
"""They correct errors, so a misreading is improbable; of the others' misreadings one in ten or in a hundred passes."""
LENGTHS: Mapping[str, frozenset[int]] = {
    "ean": frozenset({8, 13}),
    "itf": frozenset(range(6, 81, 2)),
    "codabar": frozenset(range(6, 41)),
    "code39": frozenset(range(4, 44)),
    "code128": frozenset(range(3, 81)),
}
"""Characters that a code of that kind has; shorter ones are mostly texture taken for bars."""


ANY_LENGTH = range(1, 8192)


class Sighting(StrEnum):
    NOTHING = "nothing"
    """Not a code of its kind."""
    UNSURE = "unsure"
    """It needs further sightings."""
    NEW = "new"
    STILL_THERE = "stillThere"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of a text until now, without a long pause between, and when a strict reader saw it last."""

    ways: frozenset[str]
    at_s: float
    strict_s: float


_NEVER = _Seen(frozenset(), float("-inf"), float("-inf"))


class Believing:
    """Remembers sightings, and says what the next one makes of the code."""

    def __init__(self, lengths: Mapping[str, frozenset[int]] | None = None) -> None:
        """:param lengths: kind -> lengths that are expected, instead of `LENGTHS`."""
        self._lengths = {**LENGTHS, **(lengths or {})}
        self._sightings: dict[tuple[str, str], _Seen] = {}
        self._told_s: dict[tuple[str, str], float] = {}

    def sighted(self, found: Found, way: str, now_s: float, *, is_strict: bool = True) -> Sighting:
        """What this sighting makes of the code.

        :param way: who saw it, and how. Two ways confirm each other; one way sees the same wrong bars in every
            picture of a blur, a moiré or a small code.
        :param is_strict: False for a reader that finds bars in a blur and finds the same wrong ones in each picture
            of it: it confirms a strict one and is confirmed by one, and never by itself.
        """
        key = (found.symbology, found.text)
        if not self._is_believed(key, way, now_s, is_strict):
            return Sighting.UNSURE if self._may_be(key) else Sighting.NOTHING
        last_s = self._told_s.get(key)
        self._told_s[key] = now_s
        _shorten(self._told_s)
        return Sighting.NEW if last_s is None or now_s - last_s > REPEAT_S else Sighting.STILL_THERE

    def _may_be(self, key: tuple[str, str]) -> bool:
        return len(key[1]) in self._lengths.get(key[0], ANY_LENGTH)

    def _is_believed(self, key: tuple[str, str], way: str, now_s: float, is_strict: bool) -> bool:
        if not self._may_be(key):
            return False
        if key[0] in AT_ONCE:
            return True
        before = self._sightings.get(key)
        if before is None or now_s - before.at_s > WITHIN_S:
            before = _NEVER
        strict_s = now_s if is_strict else before.strict_s
        self._sightings[key] = seen = _Seen(before.ways | {way}, now_s, strict_s)
        _shorten(self._sightings)
        return len(seen.ways) > 1 and now_s - strict_s <= WITHIN_S

    def forget(self) -> None:
        """What one resident showed is not kept for the next."""
        self._sightings.clear()
        self._told_s.clear()


def without_rivals(codes: Iterable[Found]) -> list[Found]:
    """Without the texts of one weak kind that one look sees side by side: one of them at least is no code.

    Bent bars can be read in two ways, each with its check digit right and each the same in the next picture.
    """
    seen = list(codes)
    texts: dict[str, set[str]] = {}
    for found in seen:
        texts.setdefault(found.symbology, set()).add(found.text)
    return [found for found in seen if found.symbology in AT_ONCE or len(texts[found.symbology]) == 1]


def _shorten(kept: dict[tuple[str, str], V]) -> None:
    while len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
