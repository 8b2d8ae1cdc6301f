"""A listener of spoken Minnan values: takes syllables from the left and says what was meant.

Written from the rules of the language, apart from the grammar, which it does not know. It is strict: a wrong series
(一 tsit8 for it4), units out of order, a zero that was not said or said for nothing raise `Misheard`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

Heard = TypeVar("Heard")
ALONE = {"khong3": 0, "tsit8": 1, "nng7": 2}
IN_A_ROW = {"it4": 1, "ji7": 2}
BOTH = {"sann1": 3, "si3": 4, "goo7": 5, "lak8": 6, "tshit4": 7, "pueh4": 8, "kau2": 9}
LITERARY = dict(
    zip(["khong3", "it4", "ji7", "sam1", "su3", "ngoo2", "liok8", "tshit4", "pat4", "kiu2"], range(10), strict=True),
)
UNITS = {"tsap8": 10, "pah4": 100, "tshing1": 1000}
LARGE = {"ban7": 10**4, "ik4": 10**8}


class Misheard(Exception):
    """Nobody would understand this."""


class Speech:
    """Syllables and the ends of tone groups, from the left."""

    def __init__(self, sound: str) -> None:
        self.words: list[str] = []
        self.neutral: set[int] = set()
        self.ends: set[int] = set()
        for group in sound.split("|"):
            for word in group.split():
                self._add(word)
            self.ends.add(len(self.words))
        self.at = 0

    def _add(self, word: str) -> None:
        for part in re.split(r"(?=--)|(?<!-)-(?!-)", word) if "-" in word else (word,):
            if part.startswith("--"):
                self.neutral.add(len(self.words))
            self.words.append(part.removeprefix("--"))

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, *expected: str) -> None:
        for word in expected:
            if self.peek() != word:
                raise Misheard(f"{word} expected in {self.words} at {self.at}")
            self.at += 1

    def try_take(self, *expected: str) -> bool:
        if self.words[self.at : self.at + len(expected)] != list(expected):
            return False
        self.at += len(expected)
        return True

    def end(self) -> None:
        if self.at != len(self.words):
            raise Misheard(f"too much: {self.words[self.at :]}")


def numeral(speech: Speech, in_a_row: bool = False) -> int:
    """A number. `in_a_row`: a lone 1 or 2 is an ordinal."""
    total = floor = 0
    said = in_a_row and _scale(speech) == 1
    while True:
        section = _Section(speech, floor, _scale(speech), said)
        section.listen()
        scale = LARGE.get(speech.peek())
        if scale is None:
            return total + section.value
        if section.shortened or not section.count:
            raise Misheard(f"{speech.peek()} behind a shortened or empty part: {speech.words}")
        speech.take(speech.peek())
        total, said, floor = total + section.value * scale, True, scale


def _scale(speech: Speech) -> int:
    """What the section that begins here is multiplied by: the large unit that comes first."""
    return next((LARGE[word] for word in speech.words[speech.at :] if word in LARGE), 1)


class _Section:
    """Up to 9,999, times `scale`. `floor`: place of what was said last, 0 when nothing was."""

    def __init__(self, speech: Speech, floor: int, scale: int, said: bool) -> None:
        self.speech, self.floor, self.scale, self.said = speech, floor, scale, said
        self.value = self.count = 0
        self.zero = self.shortened = False

    def listen(self) -> None:
        goes_on = True
        while goes_on and not self.shortened:
            goes_on = self._next()

    def _next(self) -> bool:
        word = self.speech.peek()
        if word == "khong3" and (self.floor or self.count):
            self._refuse(self.zero, "zero twice")
            self.speech.take("khong3")
            self.zero = True
            return True
        if word not in ALONE and word not in IN_A_ROW and word not in BOTH and word != "tsap8":
            self._refuse(self.zero, "a zero for nothing")
            return False
        digit, unit = self._digit_and_unit()
        place = unit * self.scale if unit else self._place_of_a_bare_digit()
        next_place = place * 10 == self.floor
        self._refuse(bool(self.floor) and (place >= self.floor or self.zero == next_place), "a zero, or the order")
        self.value += digit * (place // self.scale)
        self.count += 1
        self.floor, self.zero = place, False
        return unit > 0

    def _place_of_a_bare_digit(self) -> int:
        """Its own, or one below the last when no zero lies between: 一百五 is 150."""
        if self.zero or self.floor in (0, 10 * self.scale):
            return self.scale
        self._refuse(self.floor > 10**4, "a unit is missing")
        self.shortened = True
        return self.floor // 10

    def _digit_and_unit(self) -> tuple[int, int]:
        """A digit of the right series and the unit behind it, 0 when there is none."""
        if self.speech.try_take("tsap8"):
            return 1, 10
        word = self.speech.peek()
        self.speech.take(word)
        unit = UNITS.get(self.speech.peek(), 0)
        counting = unit >= 100 or (unit == 0 and not self.said and not self.count)
        series = {**BOTH, **(ALONE if counting else IN_A_ROW)}
        self._refuse(word not in series or (unit == 10 and word == "it4"), "a digit of another series")
        if unit:
            self.speech.take(self.speech.peek())
        return series[word], unit

    def _refuse(self, wrong: bool, why: str) -> None:
        if wrong:
            raise Misheard(f"{why}: {self.speech.words}")


def _digits(speech: Speech, least: int = 1) -> str:
    heard = ""
    while speech.peek() in LITERARY:
        heard += str(LITERARY[speech.peek()])
        speech.take(speech.peek())
    if len(heard) < least:
        raise Misheard(f"digits expected: {speech.words}")
    return heard


def count(sound: str) -> int:
    return _whole(sound, numeral)


def ordinal(sound: str) -> int:
    return _whole(sound, lambda speech: numeral(speech, in_a_row=True))


def digits(sound: str) -> str:
    return _whole(sound, _digits)


def age(sound: str) -> int:
    return _whole(sound, _age)


def _age(speech: Speech) -> int:
    if speech.try_take("be7", "mua2", "tsit8", "he3"):
        return 0
    years = numeral(speech)
    speech.take("he3")
    return years


def money(sound: str) -> int:
    """Fen."""
    return _whole(sound, _money)


def _money(speech: Speech) -> int:
    amounts = {"khoo1": 0, "kak4": 0, "hun1": 0}
    order = list(amounts)
    heard: list[str] = []
    while speech.peek():
        gap = speech.peek() == "khong3" and len(heard) == 1
        if gap:
            speech.take("khong3")
        amount, unit = numeral(speech), speech.peek()
        if unit not in order or (heard and order.index(unit) <= order.index(heard[-1])):
            raise Misheard(f"no money: {speech.words}")
        if gap != (unit == "hun1" and heard == ["khoo1"]) or (unit != "khoo1" and not 1 <= amount <= 9):
            raise Misheard(f"no money: {speech.words}")
        speech.take(unit)
        heard.append(unit)
        amounts[unit] = amount
    if not heard:
        raise Misheard("no money at all")
    return amounts["khoo1"] * 100 + amounts["kak4"] * 10 + amounts["hun1"]


def day(sound: str) -> tuple[int, int, int]:
    return _whole(sound, _day)


def _day(speech: Speech) -> tuple[int, int, int]:
    year = _digits(speech, 4)
    speech.take("ni5")
    month = numeral(speech, in_a_row=True)
    if speech.at not in speech.neutral:
        raise Misheard("so many months, not a month of the year")
    speech.take("geh8")
    dom = numeral(speech, in_a_row=True)
    speech.take("jit8")
    return int(year), month, dom


def clock(sound: str) -> tuple[int, int]:
    return _whole(sound, _clock)


def _clock(speech: Speech) -> tuple[int, int]:
    hours = {
        ("puann3", "mi5"): {12: 0, **{hour: hour for hour in range(1, 5)}},
        ("tsa2", "khi2"): {hour: hour for hour in range(5, 12)},
        ("tiong1", "tau3"): {12: 12},
        ("e7", "tau3"): {hour: hour + 12 for hour in range(1, 6)},
        ("am3", "si5"): {hour: hour + 12 for hour in range(6, 12)},
    }
    part = next((words for words in hours if speech.try_take(*words)), None)
    if part is None:
        raise Misheard(f"no part of the day: {speech.words}")
    hour = numeral(speech)
    speech.take("tiam2")
    if hour not in hours[part]:
        raise Misheard(f"{hour} at no such part of the day")
    return hours[part][hour], _minute(speech)


def _minute(speech: Speech) -> int:
    if not speech.peek():
        return 0
    if speech.try_take("puann3"):
        return 30
    zero = speech.try_take("khong3")
    minute = numeral(speech, in_a_row=True)
    speech.take("hun1")
    if zero != (minute < 10) or minute == 30:
        raise Misheard(f"no minute: {speech.words}")
    return minute


def _whole(sound: str, part: Callable[[Speech], Heard]) -> Heard:
    speech = Speech(sound)
    heard = part(speech)
    speech.end()
    return heard
