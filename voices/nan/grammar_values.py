"""Minnan money, dates, times, ages, telephone numbers. Words and sounds agree with lexicon/terms.tsv (tested)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time

from voices.nan.grammar_numbers import GAP, Group, Syllable, counted, digits, followed, number, ordinal

YUAN: Syllable = ("箍", "khoo1")
JIAO: Syllable = ("角", "kak4")
CENT: Syllable = ("分", "hun1")
YEAR: Syllable = ("年", "ni5")
MONTH: Syllable = ("月", "--geh8")
"""Neutral, so that 四月 is April and not four months (MOE 臺灣閩南語常用詞辭典: 四月 sì--gue̍h)."""
DAY: Syllable = ("日", "jit8")
OCLOCK: Syllable = ("点", "tiam2")
HALF: Syllable = ("半", "puann3")
MINUTE: Syllable = ("分", "hun1")
OLD: Syllable = ("岁", "he3")
NOT_YET: Group = [("未", "be7"), ("满", "mua2")]
MIDNIGHT: Group = [("半", "puann3"), ("暝", "mi5")]
MORNING: Group = [("早", "tsa2"), ("起", "khi2")]
NOON: Group = [("中", "tiong1"), ("昼", "tau3")]
AFTERNOON: Group = [("下", "e7"), ("昼", "tau3")]
EVENING: Group = [("暗", "am3"), ("时", "si5")]
_PARTS_OF_DAY = ((5, MIDNIGHT), (12, MORNING), (13, NOON), (18, AFTERNOON), (24, EVENING))
_OLDEST = 200


def money(fen: int) -> list[Group]:
    """箍 khoo1, 角 kak4, 分 hun1, a tone group each; 空 for 角 that are none before 分."""
    yuan, rest = divmod(fen, 100)
    jiao, cent = divmod(rest, 10)
    said = counted(yuan, YUAN) if yuan or not rest else []
    if jiao:
        said = [*said, *counted(jiao, JIAO)]
    if not cent:
        return said
    between = [GAP] if said and not jiao else []
    return [*said, [*between, *counted(cent, CENT)[0]]]


def day(value: date) -> list[Group]:
    """Year by literary digits, two and two (1945: it4-kiu2 su3-ngoo2-ni5), month and day as ordinals."""
    year = digits(f"{value.year:04d}")
    return [
        year[:2],
        [*year[2:], YEAR],
        *followed(ordinal(value.month), MONTH),
        *followed(ordinal(value.day), DAY),
    ]


def clock(value: time) -> list[Group]:
    """Part of the day and twelve hours, as old people say it; 半 for thirty minutes."""
    part = next(part for end, part in _PARTS_OF_DAY if value.hour < end)
    hour = counted(value.hour % 12 or 12, OCLOCK)
    if value.minute == 0:
        return [part, *hour]
    if value.minute == 30:
        return [part, *followed(hour, HALF)]
    gap = [GAP] if value.minute < 10 else []
    return [part, *hour, [*gap, *ordinal(value.minute)[0], MINUTE]]


def age(years: int) -> list[Group]:
    """:raises ValueError: nobody is as old."""
    if not 0 <= years <= _OLDEST:
        raise ValueError(f"no age: {years}")
    return counted(years, OLD) if years else [[*NOT_YET, *number(1)[0], OLD]]


def by_digits(text: str) -> list[Group]:
    """In groups of four, as cards and case numbers are printed."""
    return list(_chunks(digits(re.sub(r"[ -]+", "", text))))


def phone(text: str) -> list[Group]:
    """By its own groups when it has any (0592-000-0000), a mobile number as 3-4-4, else in fours."""
    return [group for part in re.split(r"[- ]+", text.strip()) for group in _phone_part(part)]


def _phone_part(part: str) -> list[Group]:
    said = digits(part)
    if len(said) == 11:
        return [said[:3], said[3:7], said[7:]]
    return list(_chunks(said)) if len(said) > 5 else [said]


def _chunks(said: Group) -> Iterator[Group]:
    return (said[at : at + 4] for at in range(0, len(said), 4))
