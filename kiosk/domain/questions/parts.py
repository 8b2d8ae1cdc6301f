"""Which screens a field is asked by, what its keys may type, and what becomes of it in the contract's text form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from kiosk.domain.catalogue import CLOSED, FieldType, FormField
from kiosk.domain.money.plan import CODES
from kiosk.domain.questions.checks import need, number_of_today
from kiosk.domain.questions.state import AskPart, Draft

ADDRESSES = frozenset(("home_address", "post_address", "shop_address"))
"""Texts that are made of town, village and house."""
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST_HOUSE = 10
_LONGEST_TYPED = 30

_LONGEST: Mapping[FieldType, int] = {
    FieldType.PHONE: 12,
    FieldType.MONEY: 11,
    FieldType.COUNT: 3,
    FieldType.MEASURE: 8,
    FieldType.SECRET: 6,
    FieldType.COMPANY: 18,
    FieldType.PLATE: 8,
    FieldType.PICKS: 32,
}
_PARTS: Mapping[FieldType, AskPart] = {
    **dict.fromkeys(CLOSED, AskPart.OPTIONS),
    FieldType.TABLE: AskPart.LIST,
    FieldType.YEAR: AskPart.LIST,
    FieldType.PLACE: AskPart.PLACE,
    FieldType.DATE: AskPart.DAY,
    FieldType.MONTH: AskPart.DAY,
    FieldType.PERSON: AskPart.WHO,
    FieldType.PEOPLE: AskPart.SEVERAL,
    FieldType.PICKS: AskPart.SEVERAL,
}
WRITTEN = frozenset(("plain_text", "person_name"))
"""Checks of texts that are written; the other texts are numbers with letters."""


def begins_with(field: FormField, known: Mapping[str, str]) -> AskPart:
    """:param known: what a look-up says of this field."""
    return AskPart.CONFIRM if known.get("value") else asked_by(field)


def asked_by(field: FormField) -> AskPart:
    """Where nothing is known of it."""
    if field.check in WRITTEN:
        return AskPart.HOME if field.key in ADDRESSES else AskPart.WRITE
    return _PARTS.get(field.type, AskPart.PAD)


def keys_of(field: FormField, part: AskPart) -> str:
    """The characters that the keys of this part type."""
    if part is AskPart.NUMBER:
        return DIGITS + "X"
    if part is AskPart.HOUSE:
        return DIGITS + "-"
    if field.type is FieldType.MEASURE or field.type is FieldType.MONEY:
        return DIGITS + "."
    # What is copied from a bill or a decision is digits: fewer, larger keys, all on one page.
    lettered = field.type in (FieldType.TEXT, FieldType.COMPANY, FieldType.PLATE, FieldType.PICKS)
    return DIGITS + LETTERS if lettered and field.key not in CODES else DIGITS


def longest(field: FormField, part: AskPart) -> int:
    """Characters that can be typed."""
    if part is AskPart.NUMBER:
        return 18
    if part is AskPart.HOUSE:
        return LONGEST_HOUSE
    if field.check == "social_card_no":
        return 9
    own = _LONGEST.get(field.type)
    return own if own is not None else int(field.most or _LONGEST_TYPED)


def text_form(field: FormField, entry: str) -> str:
    """What was typed, as the contract writes it. :raises Wrong: it is no number."""
    if field.type is FieldType.MONEY:
        need(re.fullmatch(r"[0-9]{1,9}(\.[0-9]{0,2})?", entry) is not None, "number")
        yuan, _, fen = entry.partition(".")
        return str(int(yuan) * 100 + int(fen.ljust(2, "0")))
    if field.type is FieldType.MEASURE:
        whole, point, rest = entry.partition(".")
        return (whole.lstrip("0") or "0") + (point + rest if rest else "")
    if field.type is FieldType.COUNT:
        return entry.lstrip("0") or "0"
    return entry


def day_of(field: FormField, picked: tuple[str, ...]) -> str:
    """The answer that the picked parts (ten years, year, month, day) make; empty while one is missing."""
    wanted = 3 if field.type is FieldType.MONTH else 4
    return "-".join(picked[1:]) if len(picked) == wanted else ""


def number_typed(draft: Draft, today: str) -> str:
    """Somebody's number in its 18 characters. :raises Wrong:"""
    return number_of_today(draft.entry, date.fromisoformat(today) if today else date.max)


def address_of(draft: Draft) -> str:
    """Town and village by name, then the house. :raises Wrong: no house."""
    need(bool(draft.entry), "empty")
    names = [one.partition(" ")[2] for one in draft.picked]
    return f"{''.join(names)} {draft.entry}"
