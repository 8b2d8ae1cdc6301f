"""The named checks of the dictionary of fields: pure functions of one answer.

Each takes the answer as its terminal sends it and what the dictionary says of the field; each raises
`AnswerError` with the name of the rule that is broken, never with the answer.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

Bound = int | float | None


class AnswerError(ValueError):
    """The rule that an answer breaks, in a word or two; the answer itself is in no message."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a field says beyond its type: of texts and digits the length, of numbers, years and months the value."""

    least: Bound = None
    most: Bound = None
    alphabet: str = ""
    """First character of a number plate."""


UNBOUNDED = Bounds()


@dataclass(frozen=True, slots=True)
class Around:
    """What an answer is looked at beside."""

    today: date
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Long lists by name: the codes that may be chosen."""


Check = Callable[[str, Bounds, Around], None]

_PERSON_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
COMPANY_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82)
)
"""First two digits of a division (GB/T 2260)."""
_PERMITS = frozenset((81, 82, 83))
"""Residence permits of Hong Kong, Macao and Taiwan residents are numbered like identity cards."""
_OLDEST = date(1850, 1, 1)


def need(holds: bool, rule: str) -> None:
    """:raises AnswerError: it does not hold."""
    if not holds:
        raise AnswerError(rule)


def id_check_digit(first17: str) -> str:
    """The 18th character of a citizen's number (GB 11643-1999, 6.3; ISO 7064 MOD 11-2)."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first17, _PERSON_WEIGHTS, strict=True)) % 11]


def uscc_check_digit(first17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015, appendix A)."""
    total = sum(COMPANY_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first17))
    return COMPANY_ALPHABET[-total % 31]


def person_number(text: str) -> None:
    """An 18-digit identity number (GB 11643): division, a day that was, ISO 7064 MOD 11-2."""
    need(re.fullmatch(r"[0-9]{17}[0-9X]", text) is not None, "18 digits")
    need(int(text[:2]) in _PROVINCES | _PERMITS, "division")
    need(_day_of(f"{text[6:10]}-{text[10:12]}-{text[12:14]}") >= _OLDEST, "birthday")
    need(id_check_digit(text[:17]) == text[17], "check digit")


def uscc(text: str) -> None:
    """A unified social credit code (GB 32100): 18 of 31 characters, weights 3^i modulo 31."""
    need(re.fullmatch(rf"[{COMPANY_ALPHABET}]{{18}}", text) is not None, "18 characters")
    need(uscc_check_digit(text[:17]) == text[17], "check character")


def bank_card(text: str) -> None:
    """A card number of 12 to 19 digits (ISO/IEC 7812-1, Luhn)."""
    need(re.fullmatch(r"[0-9]{12,19}", text) is not None, "12 to 19 digits")
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(text))]
    need(sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0, "check digit")


def mainland_phone(text: str) -> None:
    """A mobile number of 11 digits, or a line with its area code, without signs."""
    need(re.fullmatch(r"1[3-9][0-9]{9}|0(10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}", text) is not None, "phone number")


def person_name(text: str) -> None:
    """Letters with the dots and signs that names have."""
    need(bool(text.strip()) and text == text.strip(), "name")
    need(all(character.isalpha() or character in "·•. '-" for character in text), "characters of a name")


def plain_text(text: str) -> None:
    """Something, and nothing that a printer or a screen would obey: no controls, no unassigned or private signs."""
    need(bool(text.strip()), "empty")
    need(not any(unicodedata.category(character)[0] == "C" for character in text), "characters")


def social_card_no(text: str) -> None:
    need(re.fullmatch(r"[0-9A-Z]{9}", text) is not None, "9 characters")


def policy_no(text: str) -> None:
    need(re.fullmatch(r"[0-9A-Z]+", text) is not None, "digits and capitals")


def meter_no(text: str) -> None:
    need(re.fullmatch(r"[0-9A-Z]+", text) is not None, "digits and capitals")


def reference(text: str) -> None:
    """What another system calls one of its entries."""
    need(re.fullmatch(r"[0-9A-Za-z_.:-]+", text) is not None, "reference")


def pin(text: str) -> None:
    """Six digits that are neither one digit nor a run."""
    need(re.fullmatch(r"[0-9]{6}", text) is not None, "6 digits")
    steps = {int(after) - int(before) for before, after in itertools.pairwise(text)}
    need(steps not in ({0}, {1}, {-1}), "too simple")


def place_code(text: str) -> None:
    """A division of 6, 9 or 12 digits (GB/T 2260, GB/T 10114) in a province that there is."""
    need(re.fullmatch(r"[0-9]{6}([0-9]{3}){0,2}", text) is not None, "6, 9 or 12 digits")
    need(int(text[:2]) in _PROVINCES, "province")


def village_code(text: str) -> None:
    need(re.fullmatch(r"[0-9]{12}", text) is not None, "12 digits")
    place_code(text)


def person(text: str) -> None:
    """`number name`, one space between."""
    number, _, name = text.partition(" ")
    person_number(number)
    need(len(name) <= 64, "length of the name")
    person_name(name)


def plate(text: str, alphabet: str) -> None:
    """A number plate (GA 36): province, letter, five signs, or six for a car without fuel; never I and O."""
    need(text[:1] != "" and text[:1] in alphabet, "province of the plate")
    need(re.fullmatch(r"[A-HJ-NP-Z][A-HJ-NP-Z0-9]{5,6}", text[1:]) is not None, "plate")


def whole(text: str) -> int:
    """A whole number as it is written: no sign, no leading zero."""
    need(re.fullmatch(r"0|[1-9][0-9]{0,14}", text) is not None, "whole number")
    return int(text)


def decimal(text: str) -> Decimal:
    """At most two places."""
    need(re.fullmatch(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?", text) is not None, "number")
    return Decimal(text)


def within(value: int | Decimal, bounds: Bounds, what: str = "range") -> None:
    """:raises AnswerError: less than the least or more than the most."""
    need(bounds.least is None or value >= Decimal(str(bounds.least)), what)
    need(bounds.most is None or value <= Decimal(str(bounds.most)), what)


def length(text: str, bounds: Bounds) -> None:
    within(len(text), bounds, "length")


def day(text: str) -> date:
    """A day from 1850 on, so that nobody types a year that is meant otherwise."""
    found = _day_of(text)
    need(found >= _OLDEST, "day")
    return found


def month(text: str) -> int:
    """`YYYY-MM` as YYYYMM."""
    need(re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) is not None, "month")
    return int(text[:4] + text[5:])


def slot(text: str, today: date) -> None:
    """A quarter of an hour within the next year."""
    need(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:(00|15|30|45)", text) is not None, "time")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise AnswerError("time") from None
    need(today <= moment.date() <= today + timedelta(days=366), "day of the time")


def _day_of(text: str) -> date:
    need(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None, "day")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AnswerError("day") from None
