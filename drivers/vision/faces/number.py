"""The citizen number (GB 11643-1999): only what passes every test of it may ever be told."""

from __future__ import annotations

import re
from datetime import date

from drivers.codec.citizen_number import check_character

OLDEST_YEAR = 1900
PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
"""GB/T 2260, first two digits; 81 to 83 are residence permits' (HMT)."""


def birth_of(number: str) -> date | None:
    """The birth date within; None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_of(number: str) -> str:
    """GB/T 2261.1, by the parity of the 17th digit."""
    return "1" if int(number[16]) % 2 else "2"


def is_number(text: str, today: date) -> bool:
    """Eighteen characters with a right check character, a known province, a district, and a birth date before today."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text, re.ASCII) or text[:2] not in PROVINCES:
        return False
    birth = birth_of(text)
    if birth is None or not (date(OLDEST_YEAR, 1, 1) <= birth <= today):
        return False
    return text[2:6] != "0000" and text[14:17] != "000" and check_character(text[:17]) == text[17]
