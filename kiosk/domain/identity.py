"""Identity numbers, ages and how a person is shown. GB 11643-1999, GB 32100-2015.

A number that fails here was mistyped or misread; a number that passes still says nothing about
entitlement, and a foreigner's of 2017 is looked at in its form alone.
In particular the first six digits name the place of first registration: elders of
Xiang'an carry 350221 or 350212, so no rule may read a household from them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


class Secret(Generic[T]):
    """A value that must not reach a log, a trace or a screen by accident: its text is always ***."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled: it would leave the process in the clear")


class IdentityKind(StrEnum):
    RESIDENT = "resident"
    HMT = "hmt"
    """港澳台居民居住证, 81 / 82 / 83 …"""
    FOREIGNER_2023 = "foreigner_2023"
    FOREIGNER_2017 = "foreigner_2017"


class Sex(StrEnum):
    """GB/T 2261.1."""

    UNKNOWN = "0"
    MALE = "1"
    FEMALE = "2"


class IdentityProblem(StrEnum):
    """Why a number is refused."""

    LENGTH = "length"
    CHARACTERS = "characters"
    AREA = "area"
    BIRTH = "birth"
    FUTURE = "future"
    CHECK = "check"


class IdentityError(ValueError):
    """Carries the reason, never the number."""

    def __init__(self, problem: IdentityProblem) -> None:
        super().__init__(f"identity number refused: {problem.value}")
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Identity:
    """A valid number and what it says by itself."""

    kind: IdentityKind
    number: Secret[str]
    """18 characters, upper-case X; 15 characters only for FOREIGNER_2017."""
    birth: date | None
    """None where the number does not say it surely (FOREIGNER_2017): the card's own field counts."""
    sex: Sex
    nationality: str = ""
    """Foreigners only: three digits (2023) or three letters (2017), ISO 3166-1."""
    converted: bool = False
    """True when an old 15-digit number was written out to 18: the resident must be shown the new one."""


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    str(code)
    for codes in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66))
    for code in codes
)
"""GB/T 2260, first two digits: the mainland's provinces."""
_HMT_AREAS = frozenset({"810000", "820000", "830000"})
_OLDEST_YEARS = 130
_LATIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def check_character(first17: str) -> str:
    """The 18th character, GB 11643 (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(w * int(d) for w, d in zip(_WEIGHTS, first17, strict=True)) % 11]


def parse_identity(text: str, today: date) -> Identity:
    """Read a number as typed or as it stands on a card; a lower-case x and spaces are accepted.

    :param today: births after it are refused.
    :raises IdentityError: with the problem, without the number.
    """
    number = text.replace(" ", "").upper()
    if len(number) == 15 and _LATIN.issuperset(number[:3]):
        return _foreigner_2017(number)
    if len(number) == 15:
        return _old_resident(number, today)
    if len(number) != 18:
        raise IdentityError(IdentityProblem.LENGTH)
    return _eighteen(number, today)


def _eighteen(number: str, today: date) -> Identity:
    if not _digits(number[:17]) or not (_digits(number[17]) or number[17] == "X"):
        raise IdentityError(IdentityProblem.CHARACTERS)
    kind = _kind_by_area(number)
    birth = _birth(number[6:14], today)
    if check_character(number[:17]) != number[17]:
        raise IdentityError(IdentityProblem.CHECK)
    nationality = number[3:6] if kind is IdentityKind.FOREIGNER_2023 else ""
    return Identity(kind, Secret(number), birth, _sex(number[16]), nationality)


def _kind_by_area(number: str) -> IdentityKind:
    """9 + province + country for foreigners (2023), 81/82/83 0000 for HMT, else a GB/T 2260 area."""
    if number[0] == "9":
        if number[1:3] not in _PROVINCES or number[3:6] == "000":
            raise IdentityError(IdentityProblem.AREA)
        return IdentityKind.FOREIGNER_2023
    if number[:6] in _HMT_AREAS:
        return IdentityKind.HMT
    if number[:2] not in _PROVINCES or number[2:6] == "0000":
        raise IdentityError(IdentityProblem.AREA)
    return IdentityKind.RESIDENT


def _old_resident(number: str, today: date) -> Identity:
    """GB 11643-1989: two-digit year, no check. All living holders were born in 19xx."""
    if not _digits(number):
        raise IdentityError(IdentityProblem.CHARACTERS)
    first17 = number[:6] + "19" + number[6:]
    full = _eighteen(first17 + check_character(first17), today)
    if full.kind is not IdentityKind.RESIDENT:
        raise IdentityError(IdentityProblem.AREA)
    return Identity(full.kind, full.number, full.birth, full.sex, converted=True)


def _foreigner_2017(number: str) -> Identity:
    """Three letters and twelve digits. We know no published rule for its last digit and apply none; its year has two
    digits: the card's fields count."""
    if not _digits(number[3:]):
        raise IdentityError(IdentityProblem.CHARACTERS)
    return Identity(IdentityKind.FOREIGNER_2017, Secret(number), None, Sex.UNKNOWN, number[:3])


def _digits(text: str) -> bool:
    # str.isdigit accepts full-width and superscript digits, which are no digits of a number.
    return text.isascii() and text.isdigit()


def _birth(digits: str, today: date) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise IdentityError(IdentityProblem.BIRTH) from error
    if born > today:
        raise IdentityError(IdentityProblem.FUTURE)
    if today.year - born.year > _OLDEST_YEARS:
        raise IdentityError(IdentityProblem.BIRTH)
    return born


def _sex(digit: str) -> Sex:
    return Sex.MALE if int(digit) % 2 else Sex.FEMALE


_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100: digits and letters without I, O, Z, S, V; a character's value is its place."""


def credit_code_check(first17: str) -> str:
    """The 18th character of a unified social credit code.

    :raises ValueError: a character outside the alphabet, or not 17 of them.
    """
    if len(first17) != 17:
        raise ValueError("17 characters are needed")
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first17))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


_SEPARATORS = frozenset("·•・‧ ,-")


def mask_name(name: str) -> str:
    """First character, stars, and the last one when there are three or more: 陈*婆.

    Counted in whole characters: a rare one of four bytes, or one with a variation selector, stays
    whole. A · inside a name stays, so that its bearer recognises it.
    """
    characters = _characters(name.strip())
    letters = [i for i, c in enumerate(characters) if c not in _SEPARATORS]
    if len(letters) <= 1:
        return "*" * len(letters)
    kept = {letters[0]} if len(letters) == 2 else {letters[0], letters[-1]}
    return "".join(c if i in kept or c in _SEPARATORS else "*" for i, c in enumerate(characters))


def _characters(text: str) -> list[str]:
    """Code points, each with the combining marks and variation selectors that follow it."""
    characters: list[str] = []
    for point in text:
        if characters and unicodedata.category(point) in ("Mn", "Me", "Mc"):
            characters[-1] += point
        else:
            characters.append(point)
    return characters


def mask_typed(number: str) -> str:
    """While it is typed: three digits, stars, and the key that was just pressed, so that she sees that it took."""
    return number[:3] + "*" * (len(number) - 4) + number[3:][-1:]


def mask_number(number: str) -> str:
    """Three digits, stars, the last two."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 5) + number[-2:]
