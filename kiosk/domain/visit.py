"""The visit: one pure state machine. `advance(state, event)` gives the next state and the effects.

Nothing here touches the world. Screens, devices, voice, store and network post events and perform
effects. Every step has a way back, a way out, a help and the idle rule; from every state the wipe
is reached. The tables below are the whole truth: a row more is a feature, not a branch in code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain import visit_anywhere as anywhere
from kiosk.domain.visit_rows import (
    STEP_OF_ACTION,
    Changes,
    Row,
    action_done,
    can_read_face,
    card_failed,
    card_left,
    card_read,
    face_begins,
    face_wanted,
    is_chip_dead,
    is_overdue,
    is_told_again,
    is_transacted,
    item_chosen,
    plan_made,
    question_answered,
    slip_printed,
    started,
    step_after_card,
    step_for_item,
    step_of_action,
)
from kiosk.domain.visit_state import (
    PLACE_OF_SOURCE,
    VALUE_TYPES,
    Access,
    CardPlace,
    Chosen,
    Decision,
    DecisionKind,
    Do,
    Ev,
    Event,
    LeftCard,
    Outcome,
    Overlay,
    Prepared,
    Printed,
    Printing,
    Resident,
    Step,
    VisitState,
)

__all__ = [
    "BACK",
    "ENTER",
    "PLACE_OF_SOURCE",
    "STEP_OF_ACTION",
    "TABLE",
    "VALUE_TYPES",
    "Access",
    "CardPlace",
    "Changes",
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

BACK: dict[Step, Step] = {
    Step.WELCOME: Step.WELCOME,
    Step.CHOOSE: Step.WELCOME,
    Step.BROWSE: Step.CHOOSE,
    Step.GUIDE: Step.CHOOSE,
    Step.IDENTIFY: Step.CHOOSE,
    Step.CONFIRM_WHO: Step.IDENTIFY,
    Step.TAKE_CARD: Step.CONFIRM_WHO,
    Step.PREPARE: Step.CHOOSE,
    Step.ASK: Step.CHOOSE,
    Step.REVIEW: Step.ASK,
    Step.COMMIT: Step.REVIEW,
    # From here on the case is in the store: going back is leaving or calling somebody.
    Step.SUBMIT: Step.SUBMIT,
    Step.RESULT: Step.RESULT,
    Step.PRINT: Step.RESULT,
    Step.RATE: Step.RESULT,
    Step.WIPE: Step.WIPE,
}

ENTER: dict[Step, tuple[Do, ...]] = {
    Step.WELCOME: (Do.WATCH_CARD,),
    Step.CHOOSE: (Do.WATCH_CARD,),
    Step.IDENTIFY: (Do.WATCH_CARD,),
    Step.TAKE_CARD: (Do.WATCH_REMOVAL,),
    Step.PREPARE: (Do.STOP_CARD, Do.PREPARE),
    Step.BROWSE: (Do.STOP_CARD,),
    Step.GUIDE: (Do.STOP_CARD,),
    Step.SUBMIT: (Do.STORE,),
    Step.PRINT: (Do.PRINT_SLIP,),
    Step.WIPE: (Do.STOP_CARD, Do.MIND_CARD, Do.WIPE),
}

_CARD_STEPS = (Step.WELCOME, Step.CHOOSE, Step.IDENTIFY)
_LEFT_STEPS = (*_CARD_STEPS, Step.WIPE)
"""Where a forgotten card can be spoken of: nowhere that a resident is in the middle of her own case."""
_MAX_COPIES = 3

TABLE: dict[tuple[Step, Ev], tuple[Row, ...]] = {
    (Step.WELCOME, Ev.START): (Row(Step.CHOOSE, change=started, do=(Do.BEGIN_VISIT,)),),
    (Step.CHOOSE, Ev.BROWSE): (Row(Step.BROWSE, change=lambda s, v: {"category": "", "page": 0}),),
    (Step.CHOOSE, Ev.CHOSEN): (
        Row(route=step_for_item, change=item_chosen, when=is_transacted),
        Row(Step.GUIDE, change=item_chosen),
    ),
    (Step.BROWSE, Ev.CATEGORY): (Row(Step.BROWSE, change=lambda s, v: {"category": v, "page": 0}),),
    (Step.BROWSE, Ev.PAGE): (Row(Step.BROWSE, change=lambda s, v: {"page": v}),),
    (Step.BROWSE, Ev.CHOSEN): (
        Row(route=step_for_item, change=item_chosen, when=is_transacted),
        Row(Step.GUIDE, change=item_chosen),
    ),
    **{
        (step, Ev.CARD_SEEN): (Row(step, change=lambda s, v: {"card_seen": True, "card_fault": ""}),)
        for step in _CARD_STEPS
    },
    # Nobody's yet: what fails here is not counted for whoever touches next.
    (Step.WELCOME, Ev.CARD_FAILED): (Row(Step.WELCOME, change=lambda s, v: {"card_fault": v, "card_seen": False}),),
    (Step.CHOOSE, Ev.CARD_FAILED): (Row(Step.CHOOSE, change=card_failed),),
    (Step.IDENTIFY, Ev.CARD_FAILED): (
        Row(Step.IDENTIFY, change=face_begins, when=is_chip_dead, do=(Do.WATCH_FACE,)),
        Row(Step.IDENTIFY, change=card_failed),
    ),
    (Step.IDENTIFY, Ev.READ_FACE): (Row(Step.IDENTIFY, change=face_wanted, when=can_read_face, do=(Do.WATCH_FACE,)),),
    **{
        (step, Ev.CARD_LEFT): (
            Row(step, change=card_left, when=is_overdue, do=(Do.REPORT_CARD, Do.SAY_AGAIN)),
            Row(step, change=card_left, when=is_told_again, do=(Do.SAY_AGAIN,)),
            Row(step, change=card_left),
        )
        for step in _LEFT_STEPS
    },
    **{
        (step, Ev.CARD_REMOVED): (Row(step, change=lambda s, v: {"left": None}, when=lambda s, v: s.left is not None),)
        for step in _LEFT_STEPS
    },
    (Step.WELCOME, Ev.CARD_READ): (Row(Step.CONFIRM_WHO, change=card_read, do=(Do.BEGIN_VISIT,)),),
    (Step.CHOOSE, Ev.CARD_READ): (Row(Step.CONFIRM_WHO, change=card_read),),
    (Step.IDENTIFY, Ev.CARD_READ): (Row(Step.CONFIRM_WHO, change=card_read),),
    (Step.CONFIRM_WHO, Ev.YES): (Row(Step.TAKE_CARD),),
    (Step.CONFIRM_WHO, Ev.NO): (Row(Step.IDENTIFY, change=lambda s, v: {"resident": None, "note": "identify.other"}),),
    (Step.CONFIRM_WHO, Ev.CARD_REMOVED): (Row(Step.CONFIRM_WHO, change=lambda s, v: {"card_seen": False}),),
    (Step.TAKE_CARD, Ev.CARD_REMOVED): (Row(route=step_after_card, change=lambda s, v: {"card_seen": False}),),
    (Step.PREPARE, Ev.PREPARED): (
        Row(
            route=step_of_action, change=plan_made, when=lambda s, v: isinstance(v, Prepared) and v.item_id == s.item_id
        ),
    ),
    (Step.ASK, Ev.ANSWER): (Row(route=step_of_action, change=question_answered),),
    (Step.REVIEW, Ev.SEND): (Row(route=step_of_action, change=action_done),),
    (Step.COMMIT, Ev.AGREE): (Row(route=step_of_action, change=action_done),),
    (Step.COMMIT, Ev.DECLINE): (Row(Step.COMMIT, change=lambda s, v: {"overlay": Overlay.CANNOT}),),
    (Step.SUBMIT, Ev.STORED): (Row(Step.SUBMIT, change=lambda s, v: {"stored": True}, do=(Do.AWAIT_DECISION,)),),
    (Step.SUBMIT, Ev.STORE_FAILED): (
        Row(
            Step.SUBMIT,
            change=lambda s, v: {"cause": Outcome.FAILED, "overlay": Overlay.CANNOT, "note": "submit.not_stored"},
        ),
    ),
    (Step.SUBMIT, Ev.DECIDED): (
        Row(
            route=step_of_action, change=lambda s, v: {"decision": v, "index": s.index + 1}, when=lambda s, v: s.stored
        ),
    ),
    (Step.SUBMIT, Ev.UNSENT): (
        Row(
            route=step_of_action,
            change=lambda s, v: {"offline": True, "index": s.index + 1},
            when=lambda s, v: s.stored,
        ),
    ),
    # A reply that comes late, while the resident still looks at the result or the slip.
    (Step.RESULT, Ev.DECIDED): (
        Row(Step.RESULT, change=lambda s, v: {"decision": v}, when=lambda s, v: s.decision is None),
    ),
    (Step.RESULT, Ev.PRINT): (
        Row(Step.PRINT, change=lambda s, v: {"printing": Printing.BUSY, "copies": s.copies + 1, "print_fault": ""}),
    ),
    (Step.RESULT, Ev.WITHOUT_PAPER): (Row(Step.RATE),),
    (Step.PRINT, Ev.PRINTED): (Row(Step.PRINT, change=slip_printed),),
    (Step.PRINT, Ev.PRINT): (
        Row(
            Step.PRINT,
            change=lambda s, v: {"printing": Printing.BUSY, "copies": s.copies + 1, "print_fault": ""},
            when=lambda s, v: s.printing is not Printing.BUSY and s.copies < _MAX_COPIES,
            do=(Do.PRINT_SLIP,),
        ),
    ),
    (Step.PRINT, Ev.TAKEN): (Row(Step.RATE, when=lambda s, v: s.printing is not Printing.BUSY),),
    (Step.PRINT, Ev.NOT_OUT): (
        Row(
            Step.PRINT,
            change=lambda s, v: {"printing": Printing.FAILED, "print_fault": ""},
            when=lambda s, v: s.printing is not Printing.BUSY,
        ),
    ),
    (Step.PRINT, Ev.WITHOUT_PAPER): (Row(Step.RATE, when=lambda s, v: s.printing is not Printing.BUSY),),
    (Step.RATE, Ev.RATED): (Row(Step.WIPE, do=(Do.STORE_RATING,)),),
    (Step.RATE, Ev.SKIP): (Row(Step.WIPE),),
    (Step.WIPE, Ev.WIPED): (Row(Step.WELCOME),),
}

_NO_BACK = frozenset(step for step, target in BACK.items() if step is target)


def advance(state: VisitState, event: Event) -> tuple[VisitState, tuple[Do, ...]]:
    """The one transition function.

    An event that a step does not know changes nothing: the state comes back as it was, with no effect.
    """
    if event.kind in _EVERYWHERE:
        return _EVERYWHERE[event.kind](state, event.value)
    for row in TABLE.get((state.step, event.kind), ()):
        if row.when(state, event.value):
            return _take(state, row, event.value)
    return state, ()


def _take(state: VisitState, row: Row, value: object) -> tuple[VisitState, tuple[Do, ...]]:
    changed = _with(state, row.change(state, value))
    target = row.to if row.to is not None else (row.route or step_of_action)(changed)
    if target is Step.WELCOME and state.step is not target:
        return VisitState(), ENTER[Step.WELCOME]
    if target is Step.WIPE and state.step is not target:
        return _wiped(changed), (*row.do, *ENTER[Step.WIPE])
    entered = ENTER.get(target, ()) if target is not state.step else ()
    if target is not state.step:
        # A reason belongs to the screen it was given on, unless this step gives a new one.
        note = changed.note if changed.note != state.note else ""
        changed = replace(changed, overlay=Overlay.NONE, note=note, reads_face=False)
    return replace(changed, step=target), (*row.do, *entered)


def _wiped(state: VisitState) -> VisitState:
    """What is left for the farewell: language and size of its words, the number, how it ended, what she forgot.

    Nobody's data.
    """
    return VisitState(
        step=Step.WIPE,
        lang=state.lang,
        access=state.access,
        case_no=state.case_no,
        cause=state.outcome,
        slip_left=state.step is Step.PRINT and state.printing in (Printing.PROVED, Printing.UNKNOWN),
        on_sheet=state.on_sheet,
    )


def _with(state: VisitState, changes: Changes) -> VisitState:
    # Rows name fields of VisitState; that they fit is what every test of the table shows.
    return replace(state, **changes)  # type: ignore[arg-type]


def _go(state: VisitState, target: Step, **changes: object) -> tuple[VisitState, tuple[Do, ...]]:
    return _take(state, Row(target, change=lambda s, v: changes), None)


def _back(state: VisitState, value: object) -> tuple[VisitState, tuple[Do, ...]]:
    if state.overlay is not Overlay.NONE:
        return replace(state, overlay=Overlay.NONE), ()
    if state.step in _NO_BACK:
        note = "" if state.step in anywhere.EMPTY else "back.sent"
        return replace(state, note=note), ()
    if state.step is Step.ASK and state.index > 0:
        return replace(state, index=state.index - 1, note=""), ()
    if state.step is Step.PRINT and state.printing is Printing.BUSY:
        return replace(state, note="back.printing"), ()
    if state.step in (Step.REVIEW, Step.COMMIT):
        return _back_in_plan(state)
    if state.step is Step.BROWSE and state.category:
        return replace(state, category="", page=0), ()
    if state.step is Step.CHOOSE:
        return _leave(state, value)
    changes: Changes = {"note": ""}
    if state.step is Step.CONFIRM_WHO:
        changes["resident"] = None
    if state.step in (Step.IDENTIFY, Step.ASK, Step.PREPARE, Step.GUIDE):
        changes["item_id"] = ""
    return _go(state, BACK[state.step], **changes)


def _back_in_plan(state: VisitState) -> tuple[VisitState, tuple[Do, ...]]:
    """One action back; before the first action lies the choice of a service."""
    if state.index == 0:
        return _go(state, Step.CHOOSE, item_id="", note="")
    earlier = replace(state, index=state.index - 1, note="")
    return replace(earlier, step=step_of_action(earlier)), ()


def _leave(state: VisitState, value: object) -> tuple[VisitState, tuple[Do, ...]]:
    if state.step is Step.WELCOME:
        return replace(state, overlay=Overlay.NONE), ()
    if state.step is Step.WIPE:
        return state, ()
    if state.resident is None and not state.answers:
        return _end(state, Outcome.CANCELLED)
    return replace(state, overlay=Overlay.LEAVE), ()


def _end(state: VisitState, cause: Outcome) -> tuple[VisitState, tuple[Do, ...]]:
    if state.step is Step.WIPE:
        return state, ()
    return _go(state, Step.WIPE, cause=state.cause or cause, overlay=Overlay.NONE)


_EVERYWHERE: dict[Ev, Callable[[VisitState, object], tuple[VisitState, tuple[Do, ...]]]] = {
    Ev.BACK: _back,
    Ev.LEAVE: _leave,
    Ev.LEAVE_SURE: lambda state, value: _end(state, Outcome.CANCELLED),
    Ev.HELP: anywhere.overlay(Overlay.HELP),
    Ev.CANNOT: anywhere.overlay(Overlay.CANNOT),
    Ev.ACCESS: anywhere.overlay(Overlay.ACCESS),
    Ev.CLOSE: lambda state, value: (replace(state, overlay=Overlay.NONE), ()),
    Ev.CALL: anywhere.call,
    Ev.CALL_ANSWERED: anywhere.call_answered,
    Ev.CODE_SHOWN: anywhere.code_shown,
    Ev.PROGRESS: anywhere.progress,
    Ev.LANGUAGE: anywhere.language,
    Ev.SETTING: lambda state, value: (_with(state, {"access": value}), ()),
    Ev.WITHDRAWN: anywhere.withdrawn,
    Ev.IDLE_WARN: anywhere.idle_warn,
    Ev.IDLE_END: lambda state, value: _end(state, Outcome.TIMED_OUT),
}
