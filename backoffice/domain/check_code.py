"""The code by which anybody can check a paper: 20 characters, the last one a check (ISO/IEC 7064, MOD 37,36)."""

from __future__ import annotations

import secrets
from collections.abc import Callable

LENGTH = 20
GROUP = 5
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CLEAR = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O: somebody reads them from paper and types them."""


def check_character(characters: str) -> str:
    """ISO/IEC 7064 hybrid system MOD 37,36. :raises ValueError: a character that is no digit or capital letter."""
    product = 36
    for character in characters:
        product = (product + _ALPHABET.index(character)) % 36 or 36
        product = product * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def new_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """A new random one; drawn again until its check character is a clear one too."""
    while True:
        drawn = "".join(choose(_CLEAR) for _ in range(LENGTH - 1))
        check = check_character(drawn)
        if check in _CLEAR:
            return drawn + check


def read_code(text: str) -> str | None:
    """The code somebody typed, groups and small letters forgiven; None when it is none."""
    code = text.replace(" ", "").replace("-", "").upper()
    if len(code) != LENGTH or any(character not in _CLEAR for character in code):
        return None
    return code if check_character(code[:-1]) == code[-1] else None


def grouped(code: str, size: int = GROUP) -> str:
    return " ".join(code[at : at + size] for at in range(0, len(code), size))
