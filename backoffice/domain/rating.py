"""好差评: five levels by name; the two public codings run in opposite directions and exist only at the exits."""

from __future__ import annotations

from enum import StrEnum


class Satisfaction(StrEnum):
    VERY_SATISFIED = "very_satisfied"
    SATISFIED = "satisfied"
    FAIRLY_SATISFIED = "fairly_satisfied"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very_dissatisfied"


_BEST_FIRST = tuple(Satisfaction)

PLATFORM_CODE = {level: 5 - index for index, level in enumerate(_BEST_FIRST)}
"""The national platform's interface field `satisfaction`: 5 is best."""
GB39046_CODE = {level: 1 + index for index, level in enumerate(_BEST_FIRST)}
"""GB/T 39046-2020 table A.8: 1 is best."""

_OF_PLATFORM = {code: level for level, code in PLATFORM_CODE.items()}
_OF_GB39046 = {code: level for level, code in GB39046_CODE.items()}


def from_platform(code: int) -> Satisfaction:
    """:raises KeyError: not 1..5."""
    return _OF_PLATFORM[code]


def from_gb39046(code: int) -> Satisfaction:
    """:raises KeyError: not 1..5."""
    return _OF_GB39046[code]
