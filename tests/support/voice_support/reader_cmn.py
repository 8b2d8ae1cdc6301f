"""A listener of spoken Mandarin values: takes characters from the left and says what was meant.

Written from the rules of the language (GB/T 15835-2011 and everyday reading), apart from the grammar, which it does
not know. It is strict: 二百, 一百一, a zero too many raise `Misheard`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Heard = TypeVar("Heard")

PLAIN = "零一二三四五六七八九"
BY_DIGIT = "零幺二三四五六七八九"
UNITS = {"十": 10, "百": 100, "千": 1000}
LARGE = {"万": 10**4, "亿": 10**8}


class Misheard(Exception):
    """Nobody would understand this."""


class Speech:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        return self.text[self.at + ahead : self.at + ahead + 1]

    def take(self, expected: str) -> None:
        if not self.try_take(expected):
            raise Misheard(f"{expected} expected in {self.text} at {self.at}")

    def try_take(self, expected: str) -> bool:
        if not self.text.startswith(expected, self.at):
            return False
        self.at += len(expected)
        return True


def numeral(speech: Speech, measured: bool = True) -> int:
    """A number; `measured`: a lone 2 is 两, as before a measure word."""
    total = floor = 0
    while True:
        scale = next((LARGE[c] for c in speech.text[speech.at :] if c in LARGE), 1)
        value, floor, count = _section(speech, floor, scale, measured)
        large = LARGE.get(speech.peek())
        if large is None:
            return total + value
        if not count:
            raise Misheard(f"nothing before {speech.peek()}: {speech.text}")
        speech.take(speech.peek())
        total, floor = total + value * large, large


def _section(speech: Speech, floor: int, scale: int, measured: bool) -> tuple[int, int, int]:
    """Value of up to 9,999, place of its last digit, how many digits."""
    value = count = 0
    while True:
        zero = bool(floor) and speech.try_take("零")
        if speech.peek() not in (*PLAIN, *UNITS, "两") or not speech.peek():
            if zero:
                raise Misheard(f"a zero for nothing: {speech.text}")
            return value, floor, count
        digit, unit = _digit_and_unit(speech, floor == 0, measured, alone=not count)
        place = (unit or 1) * scale
        if floor and (place >= floor or zero == (place * 10 == floor)):
            raise Misheard(f"a zero is missing or too many, or units are out of order: {speech.text}")
        value, floor, count = value + digit * (unit or 1), place, count + 1
        if not unit:
            return value, floor, count


def _digit_and_unit(speech: Speech, first: bool, measured: bool, alone: bool) -> tuple[int, int]:
    if first and speech.try_take("十"):
        return 1, 10
    word = speech.peek()
    speech.take(word)
    unit = UNITS.get(speech.peek(), 0)
    two = "两" if unit >= 100 or (not unit and ((alone and speech.peek() in LARGE) or (first and measured))) else "二"
    if word in ("二", "两") and word != two:
        raise Misheard(f"{word} does not stand here: {speech.text}")
    if (word not in PLAIN and word != two) or (unit and word == "零") or (first and unit == 10 and word == "一"):
        raise Misheard(f"{word} does not stand here: {speech.text}")
    if unit:
        speech.take(speech.peek())
    return (2 if word == two else PLAIN.index(word)), unit


def count(text: str) -> int:
    return _whole(text, numeral)


def ordinal(text: str) -> int:
    return _whole(text, lambda speech: numeral(speech, measured=False))


def digits(text: str) -> str:
    """Groups of up to four behind commas, 幺 for 1."""
    groups = text.split(",")
    if any(len(group) != 4 for group in groups[:-1]) or not 1 <= len(groups[-1]) <= 4:
        raise Misheard(f"not in fours: {text}")
    return "".join(str(_index(BY_DIGIT, c)) for group in groups for c in group)


def _index(words: str, word: str) -> int:
    if word not in words:
        raise Misheard(f"{word} is no digit")
    return words.index(word)


def age(text: str) -> int:
    return _whole(text, _age)


def _age(speech: Speech) -> int:
    if speech.try_take("不满一岁"):
        return 0
    years = numeral(speech)
    speech.take("岁")
    return years


def money(text: str) -> int:
    """Fen."""
    return _whole(text, _money)


def _money(speech: Speech) -> int:
    amounts = {"元": 0, "角": 0, "分": 0}
    heard = ""
    while speech.peek():
        gap = bool(heard) and speech.try_take("零")
        amount, unit = numeral(speech), speech.peek()
        if unit not in amounts or (heard and "元角分".index(unit) <= "元角分".index(heard[-1])):
            raise Misheard(f"no money: {speech.text}")
        if gap != (unit == "分" and heard == "元") or (unit != "元" and not 1 <= amount <= 9):
            raise Misheard(f"no money: {speech.text}")
        speech.take(unit)
        heard += unit
        amounts[unit] = amount
    if not heard:
        raise Misheard("no money at all")
    return amounts["元"] * 100 + amounts["角"] * 10 + amounts["分"]


def day(text: str) -> tuple[int, int, int]:
    return _whole(text, _day)


def _day(speech: Speech) -> tuple[int, int, int]:
    year = "".join(str(_index(PLAIN, speech.peek(at))) for at in range(4))
    speech.at += 4
    speech.take("年")
    month = numeral(speech, measured=False)
    speech.take("月")
    dom = numeral(speech, measured=False)
    speech.take("日")
    return int(year), month, dom


def clock(text: str) -> tuple[int, int]:
    return _whole(text, _clock)


def _clock(speech: Speech) -> tuple[int, int]:
    hour = numeral(speech)
    speech.take("点")
    if not speech.peek():
        return hour, 0
    zero = speech.try_take("零")
    minute = numeral(speech, measured=False)
    speech.take("分")
    if zero != (minute < 10) or not 1 <= minute <= 59:
        raise Misheard(f"no minute: {speech.text}")
    return hour, minute


def _whole(text: str, part: Callable[[Speech], Heard]) -> Heard:
    speech = Speech(text)
    heard = part(speech)
    if speech.at != len(speech.text):
        raise Misheard(f"too much: {speech.text}")
    return heard
