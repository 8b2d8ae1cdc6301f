"""Screens for the communication aid: picture cards, what is held up, a call for somebody."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.aid.state import CallStage, Card, Held, SlipTold
from kiosk.domain.aid.view_cannot import cannot, registered, slip_choice
from kiosk.domain.rating.view import rate
from kiosk.domain.speech import Arg, ArgKind, Line, Privacy, Utterance
from kiosk.domain.typing.view import typing
from kiosk.domain.view.parts import CLOSE, PAGE_SIZE, Choice, Over, Screen, View, over
from kiosk.domain.visit.machine import Ev, Event, Overlay, VisitState
from kiosk.domain.visit.words import Step

_WITHOUT_SENTENCE = (Card.YES_NO, Card.WRITE, Card.FAMILY)


def _cards(state: VisitState, base: View) -> View:
    every = tuple(Card)
    last = (len(every) - 1) // PAGE_SIZE
    page = min(state.aid.page, last)
    cards = tuple(
        Choice(Line(f"aid.card.{card.value}"), Event(Ev.AID_CARD, card), icon=card.value)
        for card in every[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    )
    pager = []
    if page > 0:
        pager.append(Choice(Line("browse.previous"), Event(Ev.AID_PAGE, page - 1)))
    if page < last:
        pager.append(Choice(Line("browse.next"), Event(Ev.AID_PAGE, page + 1)))
    shown = over(state, base, Line("aid.question"), replace(CLOSE, line=Line("aid.done")))
    return replace(shown, cards=cards, pager=tuple(pager))


def _show(state: VisitState, base: View) -> View:
    """One sentence for somebody else, said at once: below it the two answers that most questions have."""
    held = _held(state)
    answers = (
        Choice(Line("aid.hold.yes"), Event(Ev.AID_HOLD, Held.YES)),
        Choice(Line("aid.hold.no"), Event(Ev.AID_HOLD, Held.NO)),
        Choice(Line("aid.other"), Event(Ev.AID)),
    )
    if held is None:
        return over(state, base, Line("aid.yes_no.question"), *answers)
    again = Choice(Line("aid.say"), Event(Ev.AID_SAY), likely=True, icon="sound")
    shown = over(state, base, Line("aid.show"), again, *answers)
    # One's own words are said because she wants them heard: that is what this screen is for.
    privacy = Privacy.ASKED if held.args else Privacy.PUBLIC
    return replace(shown, huge=held, say=(Utterance(held, privacy),), case_no="")


def _held(state: VisitState) -> Line | None:
    aid = state.aid
    if aid.held is Held.TEXT:
        return Line("aid.own", {"text": Arg(ArgKind.TEXT, aid.text)})
    if aid.held is Held.NUMBER:
        return Line("aid.family.held", {"phone": Arg(ArgKind.PHONE, aid.text)})
    if aid.held is not None:
        return Line(f"aid.held.{aid.held.value}")
    return None if aid.card is None or aid.card in _WITHOUT_SENTENCE else Line(f"aid.held.{aid.card.value}")


def _called(state: VisitState, base: View) -> View:
    answer = state.call_answer
    if answer is None:
        return replace(over(state, base, Line("help.calling"), replace(CLOSE, likely=True)), working=True)
    # What could not be stored is not put on paper as if it were.
    slip, told = ((), ()) if state.call_stage is CallStage.NOT_STORED else slip_choice(state)
    shown = over(state, base, answer, *slip, replace(CLOSE, likely=not slip), body=(Line("help.kept"), *told))
    return replace(shown, working=state.aid.slip is SlipTold.BUSY, case_no=state.case_no)


SCREENS: dict[Step, Screen] = {Step.RATE: rate}
OVERLAYS: dict[Overlay, Over] = {
    Overlay.AID: _cards,
    Overlay.AID_SHOW: _show,
    Overlay.CALLED: _called,
    Overlay.CANNOT: cannot,
    Overlay.REGISTERED: registered,
    Overlay.TYPING: typing,
}
