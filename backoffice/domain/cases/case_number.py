"""The one number of a case, from touch to rating.

22 digits: division 350213 + site 3 + channel 1 + yyMMdd + serial 5 + check digit (ISO 7064, MOD 11,10).
Paper, screen and voice use the last 16; both lengths are accepted where a person types it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

DIVISION = "350213"
KIOSK_CHANNEL = "8"
WINDOW_CHANNEL = "1"
LENGTH = 22
SHOWN = 16


class CaseNoInvalid(ValueError):
    """Not a case number; `code` says which part is wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class CaseNumber:
    text: str
    site_no: str
    channel: str
    day: str
    serial: str

    @property
    def shown(self) -> str:
        return self.text[-SHOWN:]


def check_digit(digits: str) -> str:
    """ISO 7064 MOD 11,10 check digit of a digit string."""
    product = 10
    for digit in digits:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def mint(site_no: str, channel: str, day: date, serial: int) -> str:
    """:raises CaseNoInvalid: more than 99,999 numbers of one site, channel and day."""
    if not 0 < serial < 100_000:
        raise CaseNoInvalid("case_no_form")
    digits = f"{DIVISION}{site_no}{channel}{day:%y%m%d}{serial:05d}"
    return digits + check_digit(digits)


def parse_case_number(text: str) -> CaseNumber:
    """:raises CaseNoInvalid: length, division, check digit or calendar day is wrong."""
    if len(text) != LENGTH or not (text.isascii() and text.isdigit()):
        raise CaseNoInvalid("case_no_form")
    if not text.startswith(DIVISION):
        raise CaseNoInvalid("case_no_division")
    if check_digit(text[:-1]) != text[-1]:
        raise CaseNoInvalid("case_no_check_digit")
    day = text[10:16]
    try:
        date(2000 + int(day[:2]), int(day[2:4]), int(day[4:]))
    except ValueError as cause:
        raise CaseNoInvalid("case_no_day") from cause
    return CaseNumber(text, text[6:9], text[9], day, text[16:21])
