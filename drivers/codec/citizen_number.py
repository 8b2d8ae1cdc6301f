"""The check character of a citizen's number: the one place where drivers reckon it."""

from __future__ import annotations

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def check_character(first17: str) -> str:
    """The 18th character (GB 11643-1999; ISO 7064 MOD 11-2). :raises ValueError: for other than 17 ASCII digits."""
    if not first17.isascii():
        raise ValueError("other than digits")
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]
