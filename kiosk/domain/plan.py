"""From a service item and a resident's situation to the list of Actions that a visit walks through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.domain.catalogue import ServiceItem


class ActionKind(StrEnum):
    ASK = "ask"
    READ = "read"
    CAPTURE = "capture"
    COMMIT = "commit"
    SIGN = "sign"
    PAY = "pay"
    BOOK = "book"
    SHOW = "show"
    SUBMIT = "submit"
    PRINT = "print"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do in a visit. `subject` is the form field, the commitment or the document it is about."""

    kind: ActionKind
    subject: str


Facts = Mapping[str, Mapping[str, str]]
"""What look-ups answered, by field: `{"account": {"bank": "农商银行", "last4": "6821"}}`."""


def plan(item: ServiceItem, known: Facts) -> tuple[Action, ...]:
    """Ask only what neither the card nor a look-up answered, or what the resident must confirm.

    :param known: the answers of look-ups; a field of source LOOK_UP that is known and needs no
        confirmation is not asked at all.
    """
    asks = tuple(
        Action(ActionKind.ASK, field.key)
        for field in item.form
        if field.must_be_asked and (field.confirm or field.key not in known)
    )
    commit = (Action(ActionKind.COMMIT, item.commitment),) if item.commitment else ()
    return (
        *asks,
        Action(ActionKind.SHOW, "review"),
        *commit,
        Action(ActionKind.SUBMIT, item.item_id),
        Action(ActionKind.PRINT, "slip"),
    )
