"""Events that every step knows and that stay on the step: an overlay, a call, a language, what broke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.aid.state import CallStage, CallTold, SlipTold
from kiosk.domain.slip.rows import lang_of_holder, slip_of
from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.readiness import IDENTIFY, ON_PAPER, Capability, Unusable
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.transition import Answer
from kiosk.domain.visit.words import OVER_ALL, Do, Overlay, Step

EMPTY = frozenset((Step.WELCOME, Step.WIPE))
"""Steps at which nothing is at stake: leaving needs no question."""


def overlay(overlay: Overlay) -> Callable[[VisitState], Answer]:
    def show(state: VisitState) -> Answer:
        return (state, ()) if state.step is Step.WIPE else (_over(state, overlay), ())

    return show


def _over(state: VisitState, overlay: Overlay) -> VisitState:
    keeps = overlay in OVER_ALL and state.layer is not Overlay.ATTRACT
    return replace(state, overlay=overlay, under=state.layer if keeps else Overlay.NONE)


def closed(state: VisitState) -> VisitState:
    """Without the topmost layer: what help, the settings or the warning lay over comes back, and so does a text."""
    if state.overlay in OVER_ALL:
        return replace(state, overlay=state.under, under=Overlay.NONE)
    if state.aid.typing is not None and state.overlay is not Overlay.TYPING:
        return replace(state, overlay=Overlay.TYPING)
    return replace(state, overlay=Overlay.NONE, aid=replace(state.aid, typing=None))


def back_over(state: VisitState) -> VisitState:
    """One layer back: from what is held up to the cards."""
    wanted = state.aid.typing.wanted.then if state.aid.typing else None
    of_cards = state.overlay is Overlay.AID_SHOW or wanted in (Ev.AID_TEXT, Ev.AID_NUMBER)
    after = closed(state)
    return replace(after, overlay=Overlay.AID) if of_cards and after.overlay is Overlay.NONE else after


def call(state: VisitState) -> Answer:
    if state.step is Step.WIPE:
        return state, ()
    begin = () if state.case_no else (Do.BEGIN_VISIT,)
    aid = replace(state.aid, typing=None, slip=SlipTold.NONE)
    called = replace(
        state,
        calls=state.calls + 1,
        call_stage=CallStage.NONE,
        call_answer=None,
        overlay=Overlay.CALLED,
        aid=aid,
    )
    return called, (*begin, Do.STORE_CALL)


def call_answered(state: VisitState, value: CallTold) -> Answer:
    """Only what goes on from what was told: a wait that ends late, or a word about an earlier call, changes nothing."""
    is_news = value.call == state.calls and value.stage > state.call_stage
    if not is_news or state.step is Step.WIPE:
        return state, ()
    # What came out on paper before says less than this.
    slip = state.aid.slip if state.aid.slip is SlipTold.BUSY or state.overlay is not Overlay.CALLED else SlipTold.NONE
    aid = replace(state.aid, slip=slip)
    return replace(state, call_stage=value.stage, call_answer=value.line, aid=aid), ()


def code_shown(state: VisitState, value: str) -> Answer:
    """A slip's code counts where nothing has begun; elsewhere it would tear the resident out of her visit."""
    if state.step not in (Step.WELCOME, Step.CHOOSE):
        return state, ()
    slip, lang = slip_of(value), lang_of_holder(state, value)
    return replace(state, overlay=Overlay.PROGRESS, progress=None, slip=slip, lang=lang), (Do.ASK_PROGRESS,)


def progress(state: VisitState, value: Line) -> Answer:
    if state.layer is not Overlay.PROGRESS or state.progress is not None:
        return state, ()
    return replace(state, progress=value), ()


def idle_warn(state: VisitState) -> Answer:
    if state.step is Step.WIPE or (state.step is Step.WELCOME and state.overlay is Overlay.NONE):
        return state, ()
    return _over(state, Overlay.IDLE), ()


def withdrawn(state: VisitState, value: Unusable) -> Answer:
    """What broke is promised no more; said where it still matters for this visit."""
    if not state.case_no or state.step is Step.WIPE or not state.capabilities.has(value.capability):
        return state, ()
    note = f"withdrawn.{value.capability.value}" if _matters(state, value.capability) else state.note
    return replace(state, capabilities=state.capabilities.without(value), note=note), ()


_BEFORE_PAPER = frozenset(Step) - {Step.WELCOME, Step.PRINT, Step.RATE, Step.WIPE}


def _matters(state: VisitState, capability: Capability) -> bool:
    if capability in ON_PAPER:
        # The sheet is told of only where it would have stood in for the slip.
        gone = capability is Capability.PRINT_SLIP
        return gone and state.step in _BEFORE_PAPER
    # On the screen that waits for a card the reader's own fault is told.
    waits = state.resident is None and state.step in (Step.CHOOSE, Step.BROWSE, Step.GUIDE)
    return waits and capability in IDENTIFY


def language(state: VisitState, value: Lang) -> Answer:
    return replace(state, lang=value), ()
