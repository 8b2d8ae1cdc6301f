"""An answer as its review shows it: in words, and masked where it is nobody else's business."""

from __future__ import annotations

from kiosk.domain.catalogue import CLOSED, Catalogue, FieldType, FormField
from kiosk.domain.identity import mask_name, mask_number
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.view.parts import Fact

_DOTS = "●"
_SHOWN_OF_TEXT = 4
"""Last characters of a masked text that are shown; of one that is no longer, none."""
_STARS = "****"
_WHOLE = (CLOSED - {FieldType.ACCOUNT}) | frozenset(
    (FieldType.DATE, FieldType.MONTH, FieldType.YEAR, FieldType.MONEY, FieldType.COUNT, FieldType.MEASURE)
)
"""Types of which no part can be shown without giving away all of it. "This card" gives nothing away: what it is stands
masked beside it.
"""


def answer_fact(
    field: FormField, answer: str, catalogue: Catalogue, big: bool = False, *, is_asked: bool = False
) -> Fact:
    """One row: what was asked, and the answer.

    :param is_asked: it is shown to be confirmed: what nobody can see nobody can confirm.
    """
    return Fact(f"fact.{field.key}", *_shown(field, answer, catalogue, big, is_asked))


def _shown(
    field: FormField, answer: str, catalogue: Catalogue, big: bool, is_asked: bool
) -> tuple[Arg, bool, Line | None]:
    if not answer:
        return Arg(ArgKind.KEY, "shown.skipped"), big, None
    if is_hidden(field) and not is_asked:
        return Arg(ArgKind.KEY, "shown.hidden"), big, None
    if field.type in CLOSED:
        return Arg(ArgKind.KEY, f"ask.{field.key}.{answer}"), big, None
    text = Arg(ArgKind.TEXT, answer_text(field, answer, catalogue))
    return text, big, _in_words(field, answer)


def is_hidden(field: FormField) -> bool:
    """Only that it was answered is shown again: a choice, a day, a place, an amount that is nobody else's business."""
    return field.sensitive and (field.type in _WHOLE or field.type is FieldType.PLACE or bool(field.table))


def _in_words(field: FormField, answer: str) -> Line | None:
    """Values that a text formats."""
    if field.type is FieldType.DATE:
        return Line("shown.date", {"date": Arg(ArgKind.DATE, answer)})
    if field.type is FieldType.MONTH:
        month = Arg(ArgKind.COUNT, str(int(answer[5:7])))
        return Line("shown.month", {"key_year": Arg(ArgKind.DIGITS, answer[:4]), "n": month})
    if field.type is FieldType.MONEY:
        return Line("shown.money", {"amount": Arg(ArgKind.MONEY, answer)})
    if field.type is FieldType.MEASURE and field.unit:
        return Line(f"shown.{field.unit}", {"amount": Arg(ArgKind.TEXT, answer)})
    return None


def answer_text(field: FormField, answer: str, catalogue: Catalogue) -> str:
    """As text, masked where the field is sensitive."""
    if field.type is FieldType.SECRET:
        return _DOTS * len(answer)
    if field.type in (FieldType.PERSON, FieldType.PEOPLE):
        return "、".join(masked_person(one) for one in answer.split(";"))
    if field.table or field.type is FieldType.PLACE:
        return label_of(field, answer, catalogue)
    if not field.sensitive and field.type is not FieldType.PHONE:
        return answer
    return _masked_text(answer)


def label_of(field: FormField, code: str, catalogue: Catalogue) -> str:
    """How an entry of a long list reads; its code where it is in none."""
    names = (field.table,) if field.table else ("places", "towns", "villages")
    entries = (entry for name in names for entry in catalogue.lists.get(name, ()))
    return next((entry.label for entry in entries if entry.code == code), code)


def masked_person(text: str) -> str:
    number, _, name = text.partition(" ")
    return f"{mask_name(name)} {mask_number(number)}"


def _masked_text(text: str) -> str:
    return f"{_STARS} {text[-_SHOWN_OF_TEXT:]}" if len(text) > _SHOWN_OF_TEXT else _STARS
