"""How Minnan reads values, by kind: the one door to `grammar_numbers`, `grammar_values` and `grammar_address`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

from voices import lexicon
from voices.nan import grammar_values as values
from voices.nan.grammar_address import address, name
from voices.nan.grammar_numbers import join, number, ordinal
from voices.reading import Reading, Unreadable

_READERS: dict[str, Callable[[str], Reading]] = {
    "digits": lambda value: join(values.by_digits(value)),
    "phone": lambda value: join(values.phone(value)),
    "count": lambda value: join(number(int(value))),
    "ordinal": lambda value: join(ordinal(int(value))),
    "age": lambda value: join(values.age(int(value))),
    "money": lambda value: join(values.money(int(value))),
    "date": lambda value: join(values.day(date.fromisoformat(value))),
    "time": lambda value: join(values.clock(time.fromisoformat(value))),
    "name": name,
    "place": lexicon.place,
    "address": address,
    "text": lexicon.term,
}


def read(kind: str, value: str) -> Reading:
    """The value as Tâi-lô with citation tones and tone groups.

    :raises Unreadable: an unknown kind, a value that does not fit it, a character that the lexicon has not.
    """
    try:
        return _READERS[kind](value)
    except (KeyError, ValueError) as error:
        raise Unreadable(f"Minnan cannot read {kind}") from error
