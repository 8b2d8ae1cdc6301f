"""The one number of a matter, from touch to rating: minted here, adopted by the back office.

    350213 007 8 261124 00042 k      22 digits
    |      |   | |      |     check, ISO 7064 MOD 11,10 over the 21 digits before it
    |      |   | |      serial of that day, from blocks that survive a power cut
    |      |   | day, yyMMdd, as this terminal believed it
    |      |   channel, 8 = kiosk
    |      site, 3 digits
    division, GB/T 2260

Paper, screen and voice show the last 16 digits as four groups of four: within one division they
are the whole number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

KIOSK_CHANNEL = 8
MAX_SERIAL = 99_999
LENGTH = 22
SHOWN = 16


class CaseNumberProblem(StrEnum):
    LENGTH = "length"
    DIGITS = "digits"
    DAY = "day"
    SERIAL = "serial"
    CHECK = "check"
    PART = "part"
    """A part given to `mint` does not fit its place."""


class CaseNumberError(ValueError):
    def __init__(self, problem: CaseNumberProblem) -> None:
        super().__init__(f"case number refused: {problem.value}")
        self.problem = problem


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """The parts of a valid number; `str()` is the 22 digits."""

    division: str
    site_no: int
    channel: int
    day: str
    """yyMMdd."""
    serial: int

    def __str__(self) -> str:
        return mint(self.division, self.site_no, self.channel, self.day, self.serial)


def day_of(day: date) -> str:
    """A date as it stands in the number: yyMMdd."""
    return day.strftime("%y%m%d")


def check_digit(digits: str) -> str:
    """ISO 7064 MOD 11,10 (a hybrid system: digits only, no X)."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def mint(division: str, site_no: int, channel: int, day: str, serial: int) -> str:
    """Put a number together.

    :param division: 6 digits, GB/T 2260.
    :param day: yyMMdd, see `day_of`.
    :param serial: 1 to 99999, from `Store.next_case_serial`.
    :raises CaseNumberError: a part does not fit.
    """
    fits = len(division) == 6 and _digits(division) and 0 <= site_no <= 999 and 0 <= channel <= 9
    if not fits:
        raise CaseNumberError(CaseNumberProblem.PART)
    if not 1 <= serial <= MAX_SERIAL:
        raise CaseNumberError(CaseNumberProblem.SERIAL)
    _check_day(day)
    body = f"{division}{site_no:03d}{channel}{day}{serial:05d}"
    return body + check_digit(body)


def parse(text: str) -> CaseNumber:
    """Read 22 digits; spaces between groups are ignored.

    :raises CaseNumberError: with the problem.
    """
    number = text.replace(" ", "")
    if not _digits(number):
        raise CaseNumberError(CaseNumberProblem.DIGITS)
    if len(number) != LENGTH:
        raise CaseNumberError(CaseNumberProblem.LENGTH)
    if check_digit(number[:-1]) != number[-1]:
        raise CaseNumberError(CaseNumberProblem.CHECK)
    _check_day(number[10:16])
    serial = int(number[16:21])
    if not serial:
        raise CaseNumberError(CaseNumberProblem.SERIAL)
    return CaseNumber(number[:6], int(number[6:9]), int(number[9]), number[10:16], serial)


def is_valid(text: str) -> bool:
    try:
        parse(text)
    except CaseNumberError:
        return False
    return True


def shown(number: str) -> str:
    """The last 16 digits as four groups of four, as on paper and screen."""
    tail = number.replace(" ", "")[-SHOWN:]
    return " ".join(tail[i : i + 4] for i in range(0, SHOWN, 4))


def from_shown(text: str, division: str) -> CaseNumber:
    """The whole number from its 16 shown digits and the division this terminal stands in.

    :raises CaseNumberError: as `parse`.
    """
    tail = text.replace(" ", "")
    if len(tail) != SHOWN:
        raise CaseNumberError(CaseNumberProblem.LENGTH)
    return parse(division + tail)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _check_day(day: str) -> None:
    if len(day) != 6 or not _digits(day):
        raise CaseNumberError(CaseNumberProblem.DAY)
    try:
        datetime.strptime("20" + day, "%Y%m%d")
    except ValueError as error:
        raise CaseNumberError(CaseNumberProblem.DAY) from error
