"""Rows of the machine for the communication aid, what could not be done, and ratings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.aid.state import Aid, CallStage, Card, Cause, Held, SlipTold, Taken
from kiosk.domain.event import EventKind
from kiosk.domain.speech import Line
from kiosk.domain.typing import rows as visit_typing
from kiosk.domain.typing.state import TextKind, Wanted
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import Printed, Printing, VisitState
from kiosk.domain.visit.transition import Answer, Part, Row, always, always_plain, on, together
from kiosk.domain.visit.words import Do, Overlay, Step

LONGEST_OWN_WORDS = 24
"""Characters that fit into one screen in large letters."""
LONGEST_NUMBER = 12
"""Digits of a telephone number with its area."""
MOST_LABELS = 8
"""The contract's."""

_SLIP_TOLD = {Printing.PROVED: SlipTold.OUT, Printing.UNKNOWN: SlipTold.UNSURE, Printing.FAILED: SlipTold.NOT_OUT}


def _over(state: VisitState, overlay: Overlay, aid: Aid) -> VisitState:
    return replace(state, overlay=overlay, aid=aid)


def _cards(state: VisitState) -> Answer:
    if state.step is Step.WIPE:
        return state, ()
    return _over(state, Overlay.AID, replace(state.aid, typing=None, card=None, held=None, text="")), ()


def _page(state: VisitState, value: int) -> Answer:
    if state.overlay is not Overlay.AID:
        return state, ()
    return _over(state, Overlay.AID, replace(state.aid, page=max(value, 0))), ()


def _card(state: VisitState, value: Card) -> Answer:
    if state.overlay is not Overlay.AID:
        return state, ()
    if value is Card.WRITE:
        wanted = Wanted(Line("aid.write.question"), Ev.AID_TEXT, TextKind.TEXT, LONGEST_OWN_WORDS)
        return visit_typing.open_typing(state, wanted), ()
    if value is Card.FAMILY:
        wanted = Wanted(Line("aid.family.question"), Ev.AID_NUMBER, TextKind.DIGITS, LONGEST_NUMBER)
        return visit_typing.open_typing(state, wanted), ()
    return _over(state, Overlay.AID_SHOW, replace(state.aid, card=value, held=None)), ()


def _hold(state: VisitState, value: Held) -> Answer:
    if state.overlay is not Overlay.AID_SHOW or value not in (Held.YES, Held.NO):
        return state, ()
    again = (Do.SAY_AGAIN,) if state.aid.held is value else ()
    return _over(state, Overlay.AID_SHOW, replace(state.aid, held=value)), again


def _typed(held: Held, then: EventKind[str]) -> Callable[[VisitState, str], Answer]:
    def show(state: VisitState, value: str) -> Answer:
        typing = state.aid.typing
        if typing is None or typing.wanted.then is not then or not value:
            return state, ()
        aid = replace(state.aid, typing=None, card=None, held=held, text=value)
        return _over(state, Overlay.AID_SHOW, aid), ()

    return show


def _say(state: VisitState) -> Answer:
    return state, (Do.SAY_AGAIN,) if state.overlay is Overlay.AID_SHOW else ()


def _register(state: VisitState, value: Cause) -> Answer:
    """Once: a second touch of the same screen registers nothing."""
    if state.overlay is not Overlay.CANNOT or state.step is Step.WIPE:
        return state, ()
    begin = () if state.case_no else (Do.BEGIN_VISIT,)
    aid = replace(state.aid, cause=value, taken=None, slip=SlipTold.NONE)
    return _over(state, Overlay.REGISTERED, aid), (*begin, Do.STORE_COMPLAINT)


def _registered(state: VisitState, value: Taken) -> Answer:
    """The office may answer after the wait is over: then its number replaces what was told."""
    known = state.aid.taken
    if state.aid.cause is None or (known is not None and (known.number or not value.number)):
        return state, ()
    return replace(state, aid=replace(state.aid, taken=value)), ()


def _print(state: VisitState) -> Answer:
    is_stored = state.call_answer is not None and state.call_stage is not CallStage.NOT_STORED
    told = state.overlay is Overlay.CALLED and is_stored
    told = told or (state.overlay is Overlay.REGISTERED and state.aid.taken is not None)
    if not told or state.aid.slip in (SlipTold.BUSY, SlipTold.OUT):
        return state, ()
    return replace(state, aid=replace(state.aid, slip=SlipTold.BUSY)), (Do.PRINT_HELP,)


def _printed(state: VisitState, value: Printed) -> Answer:
    if state.aid.slip is not SlipTold.BUSY or value.printing not in _SLIP_TOLD:
        return state, ()
    return replace(state, aid=replace(state.aid, slip=_SLIP_TOLD[value.printing])), ()


# ---- the rating ----------------------------------------------------------------------------------------------


def _rated(state: VisitState, value: int) -> VisitState:
    """Another level begins without labels: those of the first do not belong to it."""
    return replace(state, aid=replace(state.aid, level=value, labels=(), label_page=0))


def _is_level(state: VisitState, value: int) -> bool:
    return 0 <= value <= 5 and value != state.aid.level


def _labelled(state: VisitState, value: str) -> VisitState:
    """Chosen, or not any more."""
    labels = state.aid.labels
    after = tuple(label for label in labels if label != value) if value in labels else (*labels, value)
    return replace(state, aid=replace(state.aid, labels=after[:MOST_LABELS]))


def _label_page(state: VisitState, value: int) -> VisitState:
    return replace(state, aid=replace(state.aid, label_page=value))


def _is_rated(state: VisitState) -> bool:
    return state.aid.level > 0


_TABLE = together(
    on(Step.RATE, Ev.RATED, Row(Step.RATE, take=_rated, fits=_is_level)),
    on(Step.RATE, Ev.LABEL, Row(Step.RATE, take=_labelled, when=_is_rated)),
    on(Step.RATE, Ev.PAGE, Row(Step.RATE, take=_label_page, when=_is_rated)),
    on(Step.RATE, Ev.RATING_DONE, Row(Step.WIPE, when=_is_rated)),
)

PART = Part(
    table=_TABLE,
    everywhere=together(
        visit_typing.EVERYWHERE,
        always_plain(Ev.AID, _cards),
        always(Ev.AID_PAGE, _page),
        always(Ev.AID_CARD, _card),
        always(Ev.AID_HOLD, _hold),
        always(Ev.AID_TEXT, _typed(Held.TEXT, Ev.AID_TEXT)),
        always(Ev.AID_NUMBER, _typed(Held.NUMBER, Ev.AID_NUMBER)),
        always_plain(Ev.AID_SAY, _say),
        always(Ev.REGISTER, _register),
        always(Ev.REGISTERED, _registered),
        always_plain(Ev.PRINT_HELP, _print),
        always(Ev.HELP_PRINTED, _printed),
    ),
)
