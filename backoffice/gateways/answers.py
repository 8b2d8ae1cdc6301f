"""What each look-up is asked and what it must answer; anything else is garbage and worth as much as silence.

Look-up codes and their questions follow the district's list of shared data (L01 population register,
L08 deaths, L12 allowance ledger, L16 social-security cards, L28 bank accounts).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

Values = dict[str, str | bool]


class Garbage(ValueError):
    """An answer of the wrong form; the message names the field, never its value."""


@dataclass(frozen=True, slots=True)
class Spec:
    asks: tuple[str, ...]
    answers: Mapping[str, Callable[[object], str | bool]]


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _date(value: object) -> str:
    return date.fromisoformat(_text(value)).isoformat()


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 64:
        raise ValueError
    return value


def _pattern(pattern: str) -> Callable[[object], str]:
    expression = re.compile(pattern, re.ASCII)

    def read(value: object) -> str:
        text = _text(value)
        if not expression.fullmatch(text):
            raise ValueError
        return text

    return read


_HOUSEHOLD = _pattern(r"(?:\d{12})?")
_LAST4 = _pattern(r"\d{4}")
_MONTH = _pattern(r"\d{4}-(?:0[1-9]|1[0-2])")

SPECS: dict[str, Spec] = {
    "L01": Spec(("name", "number"), {"matches": _flag, "birth": _date, "household": _HOUSEHOLD, "alive": _flag}),
    "L08": Spec(("number",), {"died_on": _date}),
    "L12": Spec(("number",), {"since": _MONTH}),
    "L16": Spec(("number",), {"bank": _text, "last4": _LAST4, "account_ref": _text}),
    "L28": Spec(("name", "number", "account_ref"), {"matches": _flag}),
}


def read_answer(lookup: str, data: object) -> Values | None:
    """The values of `{"found": true, …}`, None for `{"found": false}`. :raises Garbage: any other form."""
    if not isinstance(data, dict) or not isinstance(data.get("found"), bool):
        raise Garbage(f"{lookup}: no found flag")
    if not data["found"]:
        return None
    values: Values = {}
    for name, read in SPECS[lookup].answers.items():
        try:
            values[name] = read(data[name])
        except (KeyError, ValueError) as cause:
            raise Garbage(f"{lookup}: {name}") from cause
    return values
