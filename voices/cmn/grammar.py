"""How Mandarin reads values: 幺 for 1 digit by digit, 二 and 两, 百零一, dates by digits of the year.

Numbers follow GB/T 15835-2011 (use of numerals) and the everyday reading: 两百 两千 两万 but 十二 二十. Nothing is
shortened: 一百一 and 一万五 cannot stand before a measure word here, so 一百一十 and 一万五千 are said in full.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time

from voices.reading import Reading, Unreadable

DIGITS = "零一二三四五六七八九"
_BY_DIGIT = "零幺二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))
_BIG = ((10**8, "亿"), (10**4, "万"))
LARGEST = 10**12 - 1
_OLDEST = 200


def number(n: int) -> str:
    """A cardinal number without a measure word, e.g. 12 十二, 101 一百零一, 20000 两万.

    :raises ValueError: negative or beyond `LARGEST`.
    """
    if not 0 <= n <= LARGEST:
        raise ValueError(f"no reading for {n}")
    if n < 10:
        return DIGITS[n]
    text, gap = "", False
    for size, word in _BIG:
        head, n = divmod(n, size)
        if head:
            text += ("零" if gap else "") + ("两" if head == 2 else _below_10000(head, leading=not text)) + word
        gap = bool(text) and (n < size // 10 or (gap and not head))
    if n:
        text += ("零" if gap else "") + _below_10000(n, leading=not text)
    return text


def _below_10000(n: int, leading: bool) -> str:
    text, gap = "", False
    for size, word in _UNITS:
        digit, n = divmod(n, size)
        if digit:
            text += ("零" if gap else "") + _unit(digit, size, word, leading=leading and not text)
            gap = False
        elif text:
            gap = True
    if n:
        text += ("零" if gap else "") + DIGITS[n]
    return text


def _unit(digit: int, size: int, word: str, leading: bool) -> str:
    if size == 10 and digit == 1 and leading:
        return word
    return ("两" if digit == 2 and size >= 100 else DIGITS[digit]) + word


def count(n: int) -> str:
    """A number before a measure word: 两 for 2."""
    return "两" if n == 2 else number(n)


def by_digit(text: str) -> str:
    """Digit by digit, 幺 for 1.

    :raises Unreadable: something else than digits, or nothing.
    """
    for c in text:
        if not (c.isascii() and c.isdigit()):
            raise Unreadable("not a digit", c)
    if not text:
        raise Unreadable("no digit to read")
    return "".join(_BY_DIGIT[int(c)] for c in text)


def digits(text: str) -> str:
    """In groups of four with a short pause, as cards and case numbers are printed."""
    return ",".join(_chunks(by_digit(re.sub(r"[ -]+", "", text))))


def phone(text: str) -> str:
    """By its own groups when it has any (0592-000-0000), a mobile number as 3-4-4, else in fours."""
    return ",".join(group for part in re.split(r"[- ]+", text.strip()) for group in _phone_part(by_digit(part)))


def _phone_part(said: str) -> list[str]:
    if len(said) == 11:
        return [said[:3], said[3:7], said[7:]]
    return _chunks(said) if len(said) > 5 else [said]


def _chunks(said: str) -> list[str]:
    return [said[at : at + 4] for at in range(0, len(said), 4)]


def money(fen: int) -> str:
    """Fen as yuan, jiao, fen."""
    yuan, rest = divmod(fen, 100)
    jiao, cent = divmod(rest, 10)
    text = f"{count(yuan)}元" if yuan or not rest else ""
    text += f"{count(jiao)}角" if jiao else ("零" if cent and text else "")
    return text + (f"{count(cent)}分" if cent else "")


def day(value: date) -> str:
    year = "".join(DIGITS[int(c)] for c in f"{value.year:04d}")
    return f"{year}年{number(value.month)}月{number(value.day)}日"


def clock(value: time) -> str:
    hour = f"{count(value.hour)}点"
    if value.minute == 0:
        return hour
    return hour + ("零" if value.minute < 10 else "") + f"{number(value.minute)}分"


def age(years: int) -> str:
    """:raises ValueError: nobody is as old."""
    if not 0 <= years <= _OLDEST:
        raise ValueError(f"no age: {years}")
    return f"{count(years)}岁" if years else "不满一岁"


def address(text: str) -> str:
    """House numbers as numbers (12号 十二号), rooms, long ones and ones that begin with 0 digit by digit."""
    joined = re.sub(r"(?<=[0-9])-(?=[0-9])", "之", text)
    return re.sub(r"([0-9]+)(室?)", lambda found: _house_number(found[1], bool(found[2])) + found[2], joined)


def _house_number(text: str, room: bool) -> str:
    longest = 2 if room else 3
    return by_digit(text) if len(text) > longest or text.startswith("0") else number(int(text))


def masked(name: str) -> str:
    """A masked name: 某 for what is hidden."""
    return name.replace("*", "某")


_READERS: dict[str, Callable[[str], str]] = {
    "text": lambda value: literal(value),
    "place": lambda value: literal(value),
    "name": masked,
    "address": address,
    "age": lambda value: age(int(value)),
    "digits": digits,
    "phone": phone,
    "count": lambda value: count(int(value)),
    "ordinal": lambda value: number(int(value)),
    "money": lambda value: money(int(value)),
    "date": lambda value: day(date.fromisoformat(value)),
    "time": lambda value: clock(time.fromisoformat(value)),
}


def literal(text: str) -> str:
    """Free text: Arabic numerals become words."""
    return re.sub(r"[0-9]+", lambda match: number(int(match[0])), text)


def read(kind: str, value: str) -> Reading:
    """:raises Unreadable: unknown kind or a value that does not fit it."""
    try:
        text = _READERS[kind](value)
    except (KeyError, ValueError) as error:
        raise Unreadable(f"Mandarin cannot read {kind}") from error
    return Reading(text, text)
