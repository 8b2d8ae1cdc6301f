"""Rows of the machine for the communication aid, what could not be done, and ratings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kiosk.domain.aid.state import CallStage, Card, Cause, Held, SlipTold, Taken
from kiosk.domain.speech import Line
from kiosk.domain.typing import rows as visit_typing
from kiosk.domain.typing.state import TextKind, Wanted
from kiosk.domain.visit.rows import Answer, Changes, Part, Row
from kiosk.domain.visit.state import Printed, Printing, VisitState
from kiosk.domain.visit.words import Do, Ev, Overlay, Step

LONGEST_OWN_WORDS = 24
"""Characters that fit into one screen in large letters."""
LONGEST_NUMBER = 12
"""Digits of a telephone number with its area."""
MOST_LABELS = 8
"""The contract's."""

_SLIP_TOLD = {Printing.PROVED: SlipTold.OUT, Printing.UNKNOWN: SlipTold.UNSURE, Printing.FAILED: SlipTold.NOT_OUT}


def _with(state: VisitState, overlay: Overlay, **changes: Any) -> VisitState:
    return replace(state, overlay=overlay, aid=replace(state.aid, **changes))


def _cards(state: VisitState, value: object) -> Answer:
    if state.step is Step.WIPE:
        return state, ()
    return _with(state, Overlay.AID, typing=None, card=None, held=None, text=""), ()


def _page(state: VisitState, value: object) -> Answer:
    if state.overlay is not Overlay.AID or not isinstance(value, int):
        return state, ()
    return _with(state, Overlay.AID, page=max(value, 0)), ()


def _card(state: VisitState, value: object) -> Answer:
    assert isinstance(value, Card)
    if state.overlay is not Overlay.AID:
        return state, ()
    if value is Card.WRITE:
        wanted = Wanted(Line("aid.write.question"), Ev.AID_TEXT, TextKind.TEXT, LONGEST_OWN_WORDS)
        return visit_typing.open_typing(state, wanted), ()
    if value is Card.FAMILY:
        wanted = Wanted(Line("aid.family.question"), Ev.AID_NUMBER, TextKind.DIGITS, LONGEST_NUMBER)
        return visit_typing.open_typing(state, wanted), ()
    return _with(state, Overlay.AID_SHOW, card=value, held=None), ()


def _hold(state: VisitState, value: object) -> Answer:
    if state.overlay is not Overlay.AID_SHOW or value not in (Held.YES, Held.NO):
        return state, ()
    again = (Do.SAY_AGAIN,) if state.aid.held is value else ()
    return _with(state, Overlay.AID_SHOW, held=value), again


def _typed(held: Held, then: Ev) -> Callable[[VisitState, object], Answer]:
    def show(state: VisitState, value: object) -> Answer:
        typing = state.aid.typing
        if typing is None or typing.wanted.then is not then or not value:
            return state, ()
        return _with(state, Overlay.AID_SHOW, typing=None, card=None, held=held, text=str(value)), ()

    return show


def _say(state: VisitState, value: object) -> Answer:
    return state, (Do.SAY_AGAIN,) if state.overlay is Overlay.AID_SHOW else ()


def _register(state: VisitState, value: object) -> Answer:
    """Once: a second touch of the same screen registers nothing."""
    assert isinstance(value, Cause)
    if state.overlay is not Overlay.CANNOT or state.step is Step.WIPE:
        return state, ()
    begin = () if state.case_no else (Do.BEGIN_VISIT,)
    registered = _with(state, Overlay.REGISTERED, cause=value, taken=None, slip=SlipTold.NONE)
    return registered, (*begin, Do.STORE_COMPLAINT)


def _registered(state: VisitState, value: object) -> Answer:
    """The office may answer after the wait is over: then its number replaces what was told."""
    assert isinstance(value, Taken)
    known = state.aid.taken
    if state.aid.cause is None or (known is not None and (known.number or not value.number)):
        return state, ()
    return replace(state, aid=replace(state.aid, taken=value)), ()


def _print(state: VisitState, value: object) -> Answer:
    is_stored = state.call_answer is not None and state.call_stage is not CallStage.NOT_STORED
    told = state.overlay is Overlay.CALLED and is_stored
    told = told or (state.overlay is Overlay.REGISTERED and state.aid.taken is not None)
    if not told or state.aid.slip in (SlipTold.BUSY, SlipTold.OUT):
        return state, ()
    return _with(state, state.overlay, slip=SlipTold.BUSY), (Do.PRINT_HELP,)


def _printed(state: VisitState, value: object) -> Answer:
    assert isinstance(value, Printed)
    if state.aid.slip is not SlipTold.BUSY or value.printing not in _SLIP_TOLD:
        return state, ()
    return replace(state, aid=replace(state.aid, slip=_SLIP_TOLD[value.printing])), ()


# ---- the rating ----------------------------------------------------------------------------------------------


def _aid(state: VisitState, **changes: Any) -> Changes:
    return {"aid": replace(state.aid, **changes)}


def _rated(state: VisitState, value: object) -> Changes:
    """Another level begins without labels: those of the first do not belong to it."""
    level = value if isinstance(value, int) else 0
    return _aid(state, level=level, labels=(), label_page=0)


def _is_level(state: VisitState, value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= 5 and value != state.aid.level


def _labelled(state: VisitState, value: object) -> Changes:
    """Chosen, or not any more."""
    labels, code = state.aid.labels, str(value)
    after = tuple(label for label in labels if label != code) if code in labels else (*labels, code)
    return _aid(state, labels=after[:MOST_LABELS])


def _is_rated(state: VisitState, value: object) -> bool:
    return state.aid.level > 0


_TABLE: Mapping[tuple[Step, Ev], tuple[Row, ...]] = {
    (Step.RATE, Ev.RATED): (Row(Step.RATE, change=_rated, when=_is_level),),
    (Step.RATE, Ev.LABEL): (Row(Step.RATE, change=_labelled, when=_is_rated),),
    (Step.RATE, Ev.PAGE): (Row(Step.RATE, change=lambda s, v: _aid(s, label_page=v), when=_is_rated),),
    (Step.RATE, Ev.RATING_DONE): (Row(Step.WIPE, when=_is_rated),),
}

PART = Part(
    table=_TABLE,
    everywhere={
        **visit_typing.EVERYWHERE,
        Ev.AID: _cards,
        Ev.AID_PAGE: _page,
        Ev.AID_CARD: _card,
        Ev.AID_HOLD: _hold,
        Ev.AID_TEXT: _typed(Held.TEXT, Ev.AID_TEXT),
        Ev.AID_NUMBER: _typed(Held.NUMBER, Ev.AID_NUMBER),
        Ev.AID_SAY: _say,
        Ev.REGISTER: _register,
        Ev.REGISTERED: _registered,
        Ev.PRINT_HELP: _print,
        Ev.HELP_PRINTED: _printed,
    },
)
