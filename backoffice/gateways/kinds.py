"""The kinds of values that a register may answer, each with its check.

A kind reads one JSON value and returns it in its one agreed form. :raises ValueError: anything else; without the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from backoffice.domain.items.answer_checks import COMPANY_ALPHABET, id_check_digit, uscc_check_digit

Row = Mapping[str, str | bool | int]
Value = str | bool | int | tuple[Row, ...]
Scalar = Callable[[object], str | bool | int]

_MAX_TEXT = 64
_MAX_FEN = 10**12
_MAX_ROWS = 64


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise ValueError
    return value


def _date(value: object) -> str:
    text = _text(value)
    # Only the long form: fromisoformat also takes 20261124 and 2026-W48-2.
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError
    return date.fromisoformat(text).isoformat()


def _pattern(pattern: str) -> Callable[[object], str]:
    expression = re.compile(pattern, re.ASCII)

    def read(value: object) -> str:
        text = _text(value)
        if not expression.fullmatch(text):
            raise ValueError
        return text

    return read


def _between(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError
        return value

    return read


def _checked(pattern: str, check: Callable[[str], str]) -> Callable[[object], str]:
    shape = _pattern(pattern)

    def read(value: object) -> str:
        text = shape(value)
        if check(text[:17]) != text[17]:
            raise ValueError
        return text

    return read


def _one_of(words: str) -> Callable[[object], str]:
    allowed = frozenset(words.split("|"))

    def read(value: object) -> str:
        text = _text(value)
        if text not in allowed:
            raise ValueError
        return text

    return read


_KINDS: dict[str, Scalar] = {
    "flag": _flag,
    "text": _text,
    "date": _date,
    "month": _pattern(r"\d{4}-(?:0[1-9]|1[0-2])"),
    "division": _pattern(r"(?:\d{12})?"),
    "pool": _pattern(r"\d{6}"),
    "digits4": _pattern(r"\d{4}"),
    "receipt": _pattern(r"\d{8,22}"),
    "phone": _pattern(r"\d{11,12}"),
    "id": _checked(r"\d{17}[\dX]", id_check_digit),
    "uscc": _checked(rf"[{COMPANY_ALPHABET}]{{18}}", uscc_check_digit),
    "count": _between(0, 10**7),
    "fen": _between(0, _MAX_FEN),
    "permille": _between(0, 1000),
    "level": _between(1, 4),
    "grade": _between(1, 12),
    "order": _between(1, 20),
    "year": _between(1900, 2200),
}


def scalar(kind: str) -> Scalar:
    """:raises KeyError: no such kind."""
    return _one_of(kind) if "|" in kind else _KINDS[kind]


def rows_of(fields: Mapping[str, str]) -> Callable[[object], tuple[Row, ...]]:
    """A reader of a list of objects with exactly these fields."""
    readers = readers_of(fields)

    def read(value: object) -> tuple[Row, ...]:
        if not isinstance(value, list) or len(value) > _MAX_ROWS:
            raise ValueError
        return tuple(read_fields(readers, row) for row in value)

    return read


def readers_of(fields: Mapping[str, str]) -> dict[str, tuple[Scalar, bool]]:
    """Field -> (reader, must it be there)."""
    return {name: (scalar(kind.removesuffix("?")), not kind.endswith("?")) for name, kind in fields.items()}


def read_fields(readers: Mapping[str, tuple[Scalar, bool]], data: object) -> dict[str, str | bool | int]:
    """:raises ValueError: a field too many, too few or of the wrong form."""
    if not isinstance(data, dict) or not data.keys() <= readers.keys():
        raise ValueError
    if any(required and name not in data for name, (_, required) in readers.items()):
        raise ValueError
    return {name: reader(data[name]) for name, (reader, _) in readers.items() if name in data}
