"""Numbers with check digits for people and shops that do not exist."""

from __future__ import annotations

from datetime import date
from random import Random

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_COUNTY_ENDS = date(1997, 5, 1)
"""Tong'an county (350221) became a district of the city (350212)."""
_DISTRICT_BEGINS = date(2003, 10, 19)
"""Xiang'an (350213) was cut out of Tong'an."""


def local_prefix(birth: date) -> str:
    """The six digits that a child born here got on its day of birth; they never change afterwards."""
    if birth < _COUNTY_ENDS:
        return "350221"
    return "350212" if birth < _DISTRICT_BEGINS else "350213"


class Numbers:
    """Hands out citizens' numbers (GB 11643), each once."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._taken: set[str] = set()

    def citizen(self, prefix: str, birth: date, sex: int) -> str:
        """:param sex: 1 male (odd), 2 female (even)."""
        while True:
            order = self._chance.randrange(1, 500) * 2 - (sex == 1)
            first = f"{prefix}{birth:%Y%m%d}{order:03d}"
            if first not in self._taken:
                self._taken.add(first)
                rest = sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11
                return first + "10X98765432"[rest]

    def shop(self) -> str:
        """A unified social credit code (GB 32100) of a sole trader: 92, the district, an organisation code."""
        body = "".join(self._chance.choice(_USCC_ALPHABET) for _ in range(8))
        values = ((_value(character) * weight) for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
        last = -sum(values) % 11
        first = f"92350213{body}{'X' if last == 10 else last}"
        total = sum(_USCC_ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(first))
        return first + _USCC_ALPHABET[-total % 31]


def _value(character: str) -> int:
    """Of a character in an organisation code (GB 11714): digits as they are, A = 10 and so on."""
    return int(character, 36)
