"""From a service item and a resident's situation to the list of Actions that a visit walks through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.domain.catalogue import CLOSED, FormField, Mode, ServiceItem


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
    field: FormField | None = None
    """Of a question: what it takes, and when it is asked at all."""

    def applies(self, answers: Mapping[str, str]) -> bool:
        """False for a question that an earlier answer makes idle: it is passed over."""
        return self.field is None or self.field.applies(answers)


Facts = Mapping[str, Mapping[str, str]]
"""What look-ups answered, by field: `{"account": {"bank": "农商银行", "last4": "6821"}}`; `value` is an answer in the
contract's text form."""
Actions = tuple[Action, ...]
ASKED_TYPES = CLOSED
"""Types of field that this kiosk has a screen for."""

# What follows the questions, by mode; each mode is one row. Of a mode without a row nothing is done but asking.


def _apply_tail(item: ServiceItem) -> Actions:
    commit = (Action(ActionKind.COMMIT, item.commitment),) if item.commitment else ()
    return (
        Action(ActionKind.SHOW, "review"),
        *commit,
        Action(ActionKind.SUBMIT, item.item_id),
        Action(ActionKind.PRINT, "slip"),
    )


TAILS: Mapping[Mode, Callable[[ServiceItem], Actions]] = {Mode.APPLY: _apply_tail}


def plan(item: ServiceItem, known: Facts) -> Actions:
    """Ask only what neither the card nor a look-up answered, or what the resident must confirm.

    Conditional questions are all in it: which of them are asked is decided anew after each answer (`applies`).
    :param known: the answers of look-ups; a known answer that needs no confirmation is not asked at all.
    """
    asks = tuple(
        Action(ActionKind.ASK, field.key, field)
        for field in item.form
        if field.is_question and field.type in ASKED_TYPES and (field.confirm or field.key not in known)
    )
    tail = TAILS.get(item.mode)
    return (*asks, *(tail(item) if tail else ()))


def after(actions: Actions, at: int, answers: Mapping[str, str]) -> int:
    """Index of the next action that applies; `len(actions)` when there is none."""
    return next((i for i in range(at + 1, len(actions)) if actions[i].applies(answers)), len(actions))


def before(actions: Actions, at: int, answers: Mapping[str, str]) -> int:
    """Index of the action before that applies; -1 when there is none."""
    return next((i for i in range(at - 1, -1, -1) if actions[i].applies(answers)), -1)


def kept(actions: Actions, answers: Mapping[str, str]) -> Mapping[str, str]:
    """The answers without those of questions that are idle now; in the order of the form, so one by one."""
    left = dict(answers)
    for action in actions:
        if not action.applies(left):
            left.pop(action.subject, None)
    return left
