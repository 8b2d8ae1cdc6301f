"""The visit: one pure state machine. `advance(state, event)` gives the next state and the effects.

Nothing here touches the world. Screens, devices, voice, store and network post events and perform
effects. Every step has a way back, a way out, a help and the idle rule; from every state the wipe
is reached. The tables (`visit.table`) are the whole truth: a row more is a feature, not a branch in code.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.domain.aid.state import Aid
from kiosk.domain.bring import rows as visit_bring
from kiosk.domain.drafts import rows as visit_drafts
from kiosk.domain.ear import rows as visit_ear
from kiosk.domain.event import Event
from kiosk.domain.money import rows as visit_money
from kiosk.domain.questions import rows as visit_questions
from kiosk.domain.slip import rows as visit_slips
from kiosk.domain.visit import anywhere
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.plan import before
from kiosk.domain.visit.rows import STEP_OF_ACTION, step_of_action
from kiosk.domain.visit.state import (
    PLACE_OF_SOURCE,
    Access,
    CardPlace,
    Chosen,
    Decision,
    DecisionKind,
    LeftCard,
    Prepared,
    Printed,
    Printing,
    Resident,
    VisitState,
)
from kiosk.domain.visit.table import BACK, ENTER, PARTS, TABLE
from kiosk.domain.visit.transition import Answer, Row, always, always_plain, together
from kiosk.domain.visit.words import Do, Outcome, Overlay, Step

__all__ = [
    "BACK",
    "ENTER",
    "PLACE_OF_SOURCE",
    "STEP_OF_ACTION",
    "TABLE",
    "Access",
    "CardPlace",
    "Chosen",
    "Decision",
    "DecisionKind",
    "Do",
    "Ev",
    "Event",
    "LeftCard",
    "Outcome",
    "Overlay",
    "Prepared",
    "Printed",
    "Printing",
    "Resident",
    "Row",
    "Step",
    "VisitState",
    "advance",
]

_IN_PLAN = (Step.CONSENT, Step.REVIEW, Step.CAPTURE, Step.COMMIT, Step.SIGN, Step.BILL, Step.BOOK_DAY)
_WITHIN = together(*(part.within for part in PARTS))
_NO_BACK = frozenset(step for step, target in BACK.items() if step is target)


def advance(state: VisitState, event: Event) -> Answer:
    """The one transition function; a step's own row counts before what holds everywhere.

    An event that a step does not know changes nothing: the state comes back as it was, with no effect.
    """
    if event.about and event.about != state.slip.number:
        return state, ()
    after, effects = _advance(state, event)
    after = visit_slips.put_away(state, after)
    return visit_ear.followed(state, after, event), (*effects, *visit_drafts.followed(state, after))


def _advance(state: VisitState, event: Event) -> Answer:
    for row in TABLE.get((state.step, event.kind), ()):
        if row.counts(state, event.value):
            return _arrive(state, row, row.changed(state, event.value))
    if event.kind in _EVERYWHERE:
        return _EVERYWHERE[event.kind](state, event.value)
    return state, ()


def _arrive(state: VisitState, row: Row[Any], after: VisitState) -> Answer:
    """Where the row leads from `state`, which it has changed to `after`."""
    target = row.to if row.to is not None else (row.route or step_of_action)(after)
    if target is Step.WELCOME and state.step is not target:
        return VisitState(), ENTER[Step.WELCOME]
    if target is Step.WIPE and state.step is not target:
        # What was said of the visit counts however she leaves.
        rated = (Do.STORE_RATING,) if after.aid.level else ()
        return _wiped(after), (*row.do, *rated, *ENTER[Step.WIPE])
    entered = ENTER.get(target, ()) if target is not state.step else ()
    if target is not state.step:
        # A reason belongs to the screen it was given on, unless this step gives a new one.
        note = after.note if after.note != state.note else ""
        aid = replace(after.aid, typing=None) if after.aid.typing else after.aid
        after = replace(after, step=target, overlay=Overlay.NONE, note=note, reads_face=False, aid=aid)
    return after, (*row.do, *entered)


def _wiped(state: VisitState) -> VisitState:
    """What is left for the farewell: language and size of its words, the number, how it ended and was, what she forgot.

    Nobody's data.
    """
    return VisitState(
        step=Step.WIPE,
        lang=state.lang,
        access=state.access,
        case_no=state.case_no,
        cause=state.outcome,
        slip_left=state.step in (Step.PRINT, Step.DRAFT_SLIP) and state.printing in (Printing.PROVED, Printing.UNKNOWN),
        on_sheet=state.on_sheet,
        aid=Aid(level=state.aid.level, labels=state.aid.labels),
    )


def _go(state: VisitState, target: Step) -> Answer:
    """Without the reason that was given at the last screen."""
    return _arrive(state, Row(target), replace(state, note=""))


def _back(state: VisitState) -> Answer:
    if state.overlay is not Overlay.NONE:
        return anywhere.back_over(state), ()
    inside = _WITHIN[state.step](state) if state.step in _WITHIN else None
    if inside is not None:
        return inside
    if state.step in _NO_BACK:
        note = "" if state.step in anywhere.EMPTY else "back.sent" if state.stored else "back.over"
        return replace(state, note=note), ()
    if state.step is Step.ASK and (within := visit_questions.back(state)) is not None:
        return within
    in_plan = before(state.plan, state.index, state.answers) >= 0 or state.bring.is_begun
    if state.step is Step.ASK and in_plan:
        return _back_in_plan(state)
    if state.step is Step.PRINT and state.printing is Printing.BUSY:
        return replace(state, note="back.printing"), ()
    if (target := visit_money.back_to(state) or visit_bring.back_to(state)) is not None:
        return _go(state, target)
    if state.step in _IN_PLAN:
        return _back_in_plan(state)
    if state.step is Step.BROWSE and state.category:
        return replace(state, category="", page=0), ()
    if state.step is Step.CHOOSE:
        return _leave(state)
    earlier = state
    if state.step is Step.CONFIRM_WHO:
        earlier = replace(earlier, resident=None)
    if state.step in (Step.IDENTIFY, Step.ASK, Step.PREPARE, Step.GUIDE, Step.FOUND, Step.BRING):
        earlier = replace(earlier, item_id="")
    return _go(earlier, BACK[state.step])


def _back_in_plan(state: VisitState) -> Answer:
    """One action back; before the first action lies the choice of a service."""
    at = before(state.plan, state.index, state.answers)
    if at < 0 and state.bring.is_begun:
        return _go(state, Step.BRING)
    if at < 0:
        return _go(replace(state, item_id=""), Step.CHOOSE)
    earlier = replace(state, index=at)
    return _go(earlier, step_of_action(earlier))


def _leave(state: VisitState) -> Answer:
    if state.step is Step.WELCOME:
        # A text that was begun goes, too: nobody finds it when help is closed later.
        return replace(state, overlay=Overlay.NONE, aid=replace(state.aid, typing=None)), ()
    if state.step is Step.WIPE:
        return state, ()
    if state.resident is None and not state.answers and not state.papers.pages:
        return _end(state, Outcome.CANCELLED)
    return replace(state, overlay=Overlay.LEAVE), ()


def _end(state: VisitState, cause: Outcome) -> Answer:
    if state.step is Step.WIPE:
        return state, ()
    return _go(replace(state, cause=state.cause or cause, overlay=Overlay.NONE), Step.WIPE)


_OWN = together(
    always_plain(Ev.BACK, _back),
    always_plain(Ev.LEAVE, _leave),
    always_plain(Ev.LEAVE_SURE, lambda state: _end(state, Outcome.CANCELLED)),
    always_plain(Ev.HELP, anywhere.overlay(Overlay.HELP)),
    always_plain(Ev.CANNOT, anywhere.overlay(Overlay.CANNOT)),
    always_plain(Ev.ACCESS, anywhere.overlay(Overlay.ACCESS)),
    always_plain(Ev.CLOSE, lambda state: (anywhere.closed(state), ())),
    always_plain(Ev.CALL, anywhere.call),
    always(Ev.CALL_ANSWERED, anywhere.call_answered),
    always(Ev.CODE_SHOWN, anywhere.code_shown),
    always(Ev.PROGRESS, anywhere.progress),
    always(Ev.LANGUAGE, anywhere.language),
    always(Ev.SETTING, lambda state, value: (replace(state, access=value), ())),
    always(Ev.WITHDRAWN, anywhere.withdrawn),
    always_plain(Ev.IDLE_WARN, anywhere.idle_warn),
    always_plain(Ev.IDLE_END, lambda state: _end(state, Outcome.TIMED_OUT)),
)

_EVERYWHERE = together(_OWN, *(part.everywhere for part in PARTS))
