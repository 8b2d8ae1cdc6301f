"""Keys in rows: digits, letters, and the parts of a day. Each key is a choice, so fingers, keypad and ear reach it.

A key is the same on every screen: each is made once.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from kiosk.domain.catalogue import FieldType, FormField
from kiosk.domain.event import Event
from kiosk.domain.questions.parts import DIGITS, LETTERS
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.view.parts import Choice
from kiosk.domain.visit.events import Ev

LETTER_COLUMNS = 6
DAY_COLUMNS = 6
MONTH_COLUMNS = 3
_NAMES = {".": "point", "-": "dash"}
_FIRST_YEARS = 1920
"""Nobody here remembers a day before; longer ago is said at the counter."""
_ERASE = Choice(Line("pad.erase"), Event(Ev.ERASE))
_CLEAR = Choice(Line("pad.clear"), Event(Ev.CLEAR))


def key_line(value: str) -> Line:
    """The words of a key that types `value`."""
    return Line(f"pad.{_NAMES.get(value, value.lower())}")


@cache
def key(value: str) -> Choice:
    return Choice(key_line(value), Event(Ev.KEY, value))


@cache
def digit_pad(extra: str) -> tuple[Choice, ...]:
    """As on a telephone, three columns. :param extra: a further sign beside 0; empty: clear stands there."""
    ones = tuple(key(value) for value in DIGITS[1:])
    return (*ones, _ERASE, key("0"), key(extra) if extra else _CLEAR)


@cache
def letter_pad() -> tuple[Choice, ...]:
    return (*(key(value) for value in DIGITS[1:] + "0" + LETTERS), _ERASE, _CLEAR)


def day_pad(field: FormField, picked: tuple[str, ...], today: str) -> tuple[tuple[Choice, ...], int, str]:
    """Keys, columns and the text key of what is picked now, after so many parts of a day."""
    now = date.fromisoformat(today) if today else date(2099, 12, 31)
    if not picked:
        first = max(int(field.least or 0) // 100, _FIRST_YEARS) // 10
        tens = range(first, now.year // 10 + 1)
        return tuple(_number("pad.decade", f"{ten}0", str(ten)) for ten in tens), MONTH_COLUMNS, "ask.part.decade"
    if len(picked) == 1:
        years = range(int(picked[0][:3]) * 10, int(picked[0][:3]) * 10 + 10)
        may = [year for year in years if _may_be(field, f"{year}", f"{now.year}")]
        return tuple(_number("pad.year", str(year), str(year)) for year in may), MONTH_COLUMNS, "ask.part.year"
    if len(picked) == 2:
        may = [at for at in range(1, 13) if _may_be(field, f"{picked[1]}-{at:02d}", f"{now:%Y-%m}")]
        return tuple(_count("pad.month", at) for at in may), MONTH_COLUMNS, "ask.part.month"
    may = [at for at in range(1, _days(picked) + 1) if _may_be(field, f"{picked[1]}-{picked[2]}-{at:02d}", f"{now}")]
    return tuple(_count("pad.day", at) for at in may), DAY_COLUMNS, "ask.part.day"


def _may_be(field: FormField, text: str, limit: str) -> bool:
    """What lies ahead is no key where only the past is asked for; a check holds it all the same."""
    return field.check == "any_date" or text <= limit


def _days(picked: tuple[str, ...]) -> int:
    year, month = int(picked[1]), int(picked[2])
    if not 1 <= month <= 12 or not 1 <= year <= 9998:
        return 31
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days


@cache
def _number(words: str, shown: str, value: str) -> Choice:
    return Choice(Line(words, {"key_year": Arg(ArgKind.DIGITS, shown)}), Event(Ev.PICK_PART, value))


@cache
def _count(words: str, at: int) -> Choice:
    return Choice(Line(words, {"n": Arg(ArgKind.COUNT, str(at))}), Event(Ev.PICK_PART, f"{at:02d}"))


def extra_key(field: FormField, keys: str) -> str:
    """The one sign that a pad of digits has beside them; empty where there is none."""
    return next((sign for sign in "X.-" if sign in keys), "") if field.type is not FieldType.TEXT or "-" in keys else ""


def digits_in_groups(text: str) -> str:
    """A mobile number by 3, 4 and 4 digits from the fifth on; whatever else is typed by fours."""
    if text.startswith("1") and len(text) > 4:
        return " ".join(part for part in (text[:3], text[3:7], text[7:]) if part)
    return in_fours(text)


def in_fours(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def grouped(field: FormField, entry: str) -> str:
    """What was typed, in the groups that people read it by."""
    if field.type is FieldType.PHONE:
        return digits_in_groups(entry)
    if field.type in (FieldType.MONEY, FieldType.COUNT, FieldType.MEASURE, FieldType.PLATE):
        return entry
    return in_fours(entry)
