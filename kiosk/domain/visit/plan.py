"""From a service item and a resident's situation to the list of Actions that a visit walks through."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk.domain.catalogue import FieldSource, FormField, Mode, ServiceItem
from kiosk.domain.money.plan import asked_of
from kiosk.domain.papers.state import captures, face_of, signing
from kiosk.domain.visit.plan_words import Action as Action
from kiosk.domain.visit.plan_words import ActionKind as ActionKind

Facts = Mapping[str, Mapping[str, str]]
"""What look-ups answered, by field: `{"account": {"bank": "农商银行", "last4": "6821"}}`; `value` is an answer in the
contract's text form."""
Actions = tuple[Action, ...]

# What follows the questions, by mode; each mode is one row. Of a mode without a row nothing is done but asking.


def _apply_tail(item: ServiceItem) -> Actions:
    return (
        Action(ActionKind.SHOW, "review"),
        *signing(item),
        Action(ActionKind.SUBMIT, item.item_id),
        Action(ActionKind.PRINT, "slip"),
    )


def _money_tail(kind: ActionKind) -> Callable[[ServiceItem], Actions]:
    return lambda item: (Action(kind, item.item_id), Action(ActionKind.PRINT, "slip"))


def _query_tail(item: ServiceItem) -> Actions:
    return (Action(ActionKind.LOOK, item.item_id),)


def _print_tail(item: ServiceItem) -> Actions:
    return (Action(ActionKind.LOOK, item.item_id), Action(ActionKind.PAPER, item.item_id))


TAILS: Mapping[Mode, Callable[[ServiceItem], Actions]] = {
    Mode.APPLY: _apply_tail,
    Mode.PAY: _money_tail(ActionKind.PAY),
    Mode.BOOK: _money_tail(ActionKind.BOOK),
    Mode.QUERY: _query_tail,
    Mode.PRINT: _print_tail,
}


def plan(item: ServiceItem, known: Facts) -> Actions:
    """First whether registers may be asked that need her word: who says no has answered no question for nothing.

    Ask only what neither the card nor a look-up answered, or what the resident must confirm.

    Conditional questions are all in it: which of them are asked is decided anew after each answer (`applies`).
    :param known: the answers of look-ups; a known answer that needs no confirmation is not asked at all.
    """
    asks = tuple(
        Action(ActionKind.ASK, field.key, field)
        for field in item.form
        if asked_of(item, field) and not _is_answered(field, known)
    )
    tail = TAILS.get(item.mode)
    consent = (Action(ActionKind.CONSENT, " ".join(item.consents)),) if item.consents else ()
    # Where nobody but the register may say who she is, that comes first: a no costs her no answer.
    first = () if item.by_witness else face_of(item)
    return (*consent, *first, *asks, *captures(item, {}), *(tail(item) if tail else ()))


def _is_answered(field: FormField, known: Facts) -> bool:
    """The back office itself takes what a register says of a looked-up field; any other answer must come from here."""
    return field.source is FieldSource.LOOK_UP and not field.confirm and field.key in known


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
