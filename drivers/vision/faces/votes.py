"""When several pictures of one card agree. Pure.

Noise differs from picture to picture, so what two of them show alike is no accident of noise. A number that
changes between two valid ones is none: then everything is forgotten and looked at anew.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from drivers.vision.faces.parse import Front

PICTURES = 2
READINGS_WITHOUT_NATION = 2
"""After so many whole readings without one the nation is left to be asked for."""


class Votes:
    """Feed it readings; `agreed` is the card once it counts."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()
        self._names: Counter[str] = Counter()
        self._readings: list[Front] = []

    def forget(self) -> None:
        self._numbers.clear()
        self._names.clear()
        self._readings.clear()

    def read(self, front: Front) -> bool:
        """A reading with number, name and address. False when it contradicts what was read before."""
        if not self.seen(front.name, front.number):
            return False
        self._readings.append(front)
        return True

    def seen(self, name: str, number: str) -> bool:
        """Name and number alone, empty where not read. False when another valid number came: all is forgotten."""
        if number and any(number != known for known in self._numbers):
            self.forget()
            return False
        if number:
            self._numbers[number] += 1
        if number and name:
            self._names[name] += 1
        return True

    def agreed(self) -> Front | None:
        """The card, when number and name were seen alike often enough."""
        if not self._readings or max(self._numbers.values(), default=0) < PICTURES:
            return None
        name, times = self._names.most_common(1)[0]
        # A tie between two names is no agreement; one that was seen clearly more often is.
        rivals = [other for other, seen in self._names.items() if other != name and seen >= times]
        if times < PICTURES or rivals:
            return None
        fitting = [reading for reading in self._readings if reading.name == name] or self._readings
        with_nation = [reading for reading in fitting if reading.nation]
        if not with_nation and len(self._readings) < READINGS_WITHOUT_NATION:
            return None
        best = min(with_nation or fitting, key=lambda reading: len(reading.doubts))
        return replace(best, name=name, doubts=best.doubts | self._contested(best, name))

    def _contested(self, best: Front, name: str) -> frozenset[str]:
        """Fields that another reading of the same card showed differently, or that are missing."""
        fields = {"address", "nation"}
        other = {
            field for reading in self._readings for field in fields if getattr(reading, field) != getattr(best, field)
        }
        missing = {field for field in fields if not getattr(best, field)}
        return frozenset(other | missing | ({"name"} if len(self._names) > 1 and name else set()))
