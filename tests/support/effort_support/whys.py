"""Why a touch is there: each kind of event that a screen offers has one reason, or leads away from the item's end."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from kiosk.domain.event import Event, EventKind
from kiosk.domain.money.state import Way
from kiosk.domain.questions.rows import field_of, part_of
from kiosk.domain.questions.state import AskPart
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Step


class Why(StrEnum):
    FIND = "find"
    """Language, category, page and item."""
    IDENTIFY = "identify"
    """It is her whose card was read."""
    ANSWER = "answer"
    """A question that no register has answered, a day and an hour of an appointment."""
    CONFIRM = "confirm"
    """What a register says is right; what was said is sent, the preview is printed, the hour is booked."""
    PROMISE = "promise"
    """Her word: a consent to a register or a picture, a point of a commitment, a signature."""
    PAPER = "paper"
    """A picture of a paper or of her face."""
    PAY = "pay"
    END = "end"
    """After the request: the result, its slip, the certificate in her hand, the rating."""


class Unclassified(ValueError):
    """A screen offers what has no reason here; names the step and the kind of event."""


_WHY: Mapping[EventKind[Any], Why] = {
    Ev.START: Why.FIND,
    Ev.BROWSE: Why.FIND,
    Ev.CATEGORY: Why.FIND,
    Ev.CHOSEN: Why.FIND,
    Ev.SEND: Why.CONFIRM,
    Ev.MAKE_PAPER: Why.CONFIRM,
    Ev.NEXT_POINT: Why.PROMISE,
    Ev.AGREE: Why.PROMISE,
    Ev.SIGN_BY_KEY: Why.PROMISE,
    Ev.LAID: Why.PAPER,
    Ev.KEEP: Why.PAPER,
    Ev.ENOUGH: Why.PAPER,
    Ev.PAY: Why.PAY,
    Ev.WAY: Why.PAY,
    Ev.SIGN_PAPER: Why.PAY,
    Ev.DAY: Why.ANSWER,
    Ev.TIME: Why.ANSWER,
    Ev.ANSWER: Why.ANSWER,
    Ev.KEY: Why.ANSWER,
    Ev.ENTER: Why.ANSWER,
    Ev.PICK_PART: Why.ANSWER,
    Ev.PART: Why.ANSWER,
    Ev.TURN: Why.ANSWER,
    Ev.TYPE: Why.ANSWER,
    Ev.TYPE_TAKE: Why.ANSWER,
    Ev.PRINT: Why.END,
    Ev.TAKEN: Why.END,
}
"""The same at every step."""

_AT: Mapping[tuple[EventKind[Any], Step], Why] = {
    (Ev.YES, Step.CONFIRM_WHO): Why.IDENTIFY,
    (Ev.YES, Step.CONSENT): Why.PROMISE,
    (Ev.YES, Step.CAPTURE): Why.PROMISE,
    (Ev.YES, Step.BOOK_SURE): Why.CONFIRM,
    (Ev.PAGE, Step.BROWSE): Why.FIND,
    (Ev.PAGE, Step.BOOK_DAY): Why.ANSWER,
    (Ev.PAGE, Step.BOOK_TIME): Why.ANSWER,
    (Ev.PAGE, Step.FOUND): Why.END,
    (Ev.PAGE, Step.RATE): Why.END,
    (Ev.SKIP, Step.ASK): Why.ANSWER,
    (Ev.SKIP, Step.RATE): Why.END,
    (Ev.AGREE, Step.PAY_ACCOUNT): Why.PAY,
    (Ev.AGREE, Step.PAY_SIGN): Why.PAY,
}
"""Where the step decides; it counts before the other table."""

_ASIDE = frozenset(
    (
        *(Ev.NO, Ev.DECLINE, Ev.LEAVE, Ev.LEAVE_SURE, Ev.BACK, Ev.HELP, Ev.CALL, Ev.CANNOT, Ev.ACCESS, Ev.SETTING),
        *(Ev.CLOSE, Ev.AID, Ev.READ_FACE, Ev.FOR_OTHER, Ev.NO_CARD, Ev.QUEUE, Ev.LANE, Ev.READ_TO_ME, Ev.REGISTER),
        *(Ev.CHANGE, Ev.COUNTER, Ev.DROP, Ev.LOOK, Ev.ERASE, Ev.CLEAR, Ev.CLEAR_INK, Ev.TYPE_KEY, Ev.TYPE_ERASE),
        *(Ev.TYPE_PAGE, Ev.TYPE_WAY, Ev.TYPE_LOOK, Ev.TAKE_AGAIN, Ev.ONE_MORE, Ev.REMOVE, Ev.LACKING, Ev.LATER),
        *(Ev.FAMILY, Ev.PICK, Ev.ONE_LINE, Ev.OTHER_WAY, Ev.END_AUTHORITY, Ev.MONEY_AGAIN, Ev.MONEY_DONE),
        *(Ev.NOT_OUT, Ev.WITHOUT_PAPER, Ev.LETTER_WANTED, Ev.REST_LATER, Ev.SHOW_WAY, Ev.TRY_AGAIN, Ev.UNDERSTOOD),
        *(Ev.RATED, Ev.RATING_DONE, Ev.LABEL, Ev.YES, Ev.PAGE, Ev.SKIP),
    )
)
"""What undoes, refuses, repeats, asks somebody, goes without paper or rates: no part of the shortest honest path."""


def why_of(state: VisitState, event: Event) -> Why | None:
    """Why `event` would be touched on the screen of `state`; None where it leads aside.

    :raises Unclassified: nobody has said what this kind of touch is for.
    """
    kind = event.kind
    if kind is Ev.ANSWER and _is_said_by_register(state):
        return Why.CONFIRM
    if kind is Ev.TYPE and state.step is not Step.ASK:
        return None  # Typing a slip's number, a call, a helper's number: other errands.
    if kind is Ev.WAY and event.value is not Way.SLIP:
        return None  # A helper's telephone and a signed paper are not hers to have.
    why = _AT.get((kind, state.step)) or _WHY.get(kind)
    if why is None and kind not in _ASIDE:
        raise Unclassified(f"step {state.step}: a touch of kind {kind!r} has no reason in {__name__}")
    return why


def _is_said_by_register(state: VisitState) -> bool:
    """The question shows what a register knows: a yes to it answers nothing new."""
    field = field_of(state)
    return field is not None and (part_of(state) is AskPart.CONFIRM or bool(state.known.get(field.key)))
