"""A row of the visit's table, and what rows change: small pure functions with names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kiosk.domain.bring.state import NO_BRINGING
from kiosk.domain.deputy.state import NO_DEPUTY, NOT_TYPED, Stage
from kiosk.domain.drafts.keeping import taken_up, without_draft
from kiosk.domain.money.state import Money
from kiosk.domain.papers.state import Papers
from kiosk.domain.questions.state import Asking
from kiosk.domain.slip.state import NO_SLIP
from kiosk.domain.speech import Lang
from kiosk.domain.visit.plan import ActionKind, after, kept
from kiosk.domain.visit.readiness import Capability
from kiosk.domain.visit.state import (
    PLACE_OF_SOURCE,
    CardPlace,
    Chosen,
    LeftCard,
    Prepared,
    Printed,
    Resident,
    VisitState,
)
from kiosk.domain.visit.words import Do, Ev, Overlay, Step

STEP_OF_ACTION: dict[ActionKind, Step] = {
    ActionKind.CONSENT: Step.CONSENT,
    ActionKind.ASK: Step.ASK,
    ActionKind.SHOW: Step.REVIEW,
    ActionKind.CAPTURE: Step.CAPTURE,
    ActionKind.COMMIT: Step.COMMIT,
    ActionKind.SIGN: Step.SIGN,
    ActionKind.SUBMIT: Step.SUBMIT,
    ActionKind.PRINT: Step.RESULT,
    ActionKind.PAY: Step.BILL,
    ActionKind.BOOK: Step.BOOK_DAY,
    ActionKind.LOOK: Step.LOOK_UP,
    ActionKind.PAPER: Step.PAPER,
    ActionKind.BRING: Step.BRING_SEND,
}

Changes = dict[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One transition: when `when` holds, apply `change`, go to `to` (or `route`), perform `do`."""

    to: Step | None = None
    route: Callable[[VisitState], Step] | None = None
    change: Callable[[VisitState, object], Changes] = lambda state, value: {}
    when: Callable[[VisitState, object], bool] = lambda state, value: True
    do: tuple[Do, ...] = ()


Answer = tuple[VisitState, tuple[Do, ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """What one subject adds to the machine; no two may answer for the same step or event."""

    back: Mapping[Step, Step] = field(default_factory=dict)
    enter: Mapping[Step, tuple[Do, ...]] = field(default_factory=dict)
    table: Mapping[tuple[Step, Ev], tuple[Row, ...]] = field(default_factory=dict)
    everywhere: Mapping[Ev, Callable[[VisitState, object], Answer]] = field(default_factory=dict)
    within: Mapping[Step, Callable[[VisitState], Answer | None]] = field(default_factory=dict)
    """One back inside a step; None where back leads out of it."""


def step_of_action(state: VisitState) -> Step:
    action = state.action
    return Step.RATE if action is None else STEP_OF_ACTION[action.kind]


def action_done(state: VisitState, value: object) -> Changes:
    return {"index": next_index(state), "note": ""}


def next_index(state: VisitState) -> int:
    """Of the next action that applies."""
    return after(state.plan, state.index, state.answers)


def question_answered(state: VisitState, value: object) -> Changes:
    action = state.action
    key = action.subject if action else ""
    answers = kept(state.plan, {**state.answers, key: str(value)})
    return {
        "answers": answers,
        "index": after(state.plan, state.index, answers),
        "note": "",
        "money": state.money.anew(),
    }


def item_chosen(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Chosen)
    return {
        "item_id": value.item_id,
        "item_version": value.version,
        "consent_version": value.consent_version,
        "plan": (),
        "index": 0,
        "answers": {},
        "papers": Papers(),
        "nearest": None,
        "money": Money(),
        "asking": Asking(),
        "sheets": state.sheets.anew(),
        "bring": NO_BRINGING,
        "deputy": state.deputy.for_another_item(),
        "typed": NOT_TYPED,
        "note": "",
    }


def plan_made(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Prepared)
    made: Changes = {
        "plan": value.plan,
        "known": value.known,
        "offline": value.offline,
        "index": 0,
        "today": value.today,
    }
    return {**made, **taken_up(state, value)}


def step_after_slip(state: VisitState) -> Step:
    """A number in a queue opens no case: there is nothing to rate yet."""
    return Step.RATE if state.stored or state.decision is not None else Step.WIPE


def slip_printed(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Printed)
    told = {"print_fault": value.fault, "on_sheet": value.on_sheet, "slip_figures": value.figures}
    return {"printing": value.printing, **told}


def is_transacted(state: VisitState, value: object) -> bool:
    return isinstance(value, Chosen) and value.transact


def step_for_item(state: VisitState) -> Step:
    if state.deputy.stage is Stage.ABSENT:
        return Step.DEPUTY
    return Step.PREPARE if state.resident else Step.IDENTIFY


def started(state: VisitState, value: object) -> Changes:
    """A slip that was asked about before belongs to nobody's visit."""
    return {"slip": NO_SLIP, **({"lang": value} if isinstance(value, Lang) else {})}


def card_read(state: VisitState, value: object) -> Changes:
    """A card that was not asked for by a helper's way in is somebody's who comes for herself."""
    asked = state.deputy.stage in (Stage.HELPER, Stage.RESIDENT)
    return {
        "resident": value,
        "card_fault": "",
        "card_seen": True,
        "note": "",
        "reads_face": False,
        "left": None,
        "deputy": state.deputy if asked else NO_DEPUTY,
        "drafts": without_draft(state.drafts),
    }


CHIP_FAULTS = frozenset(("card_place_again", "card_unknown_kind", "card_data_bad", "card_not_accepted"))
"""Names of the faults that a dead chip shows itself by."""
FACE_AFTER = 2
"""So many failures are no clumsy hand any more: the terminal begins by itself to read by eye."""


def card_failed(state: VisitState, value: object) -> Changes:
    failures = state.chip_failures + (value in CHIP_FAULTS)
    return {"card_fault": value, "card_seen": False, "chip_failures": failures}


def is_chip_dead(state: VisitState, value: object) -> bool:
    """True when this failure is the one after which the printed card is read."""
    enough = value in CHIP_FAULTS and state.chip_failures + 1 >= FACE_AFTER
    return enough and can_read_face(state, value)


def can_read_face(state: VisitState, value: object) -> bool:
    return state.capabilities.has(Capability.READ_ID_FACE) and not state.reads_face


def face_begins(state: VisitState, value: object) -> Changes:
    return {**card_failed(state, value), "card_fault": "", "reads_face": True, "note": "identify.face.begins"}


def face_wanted(state: VisitState, value: object) -> Changes:
    return {"card_fault": "", "card_seen": False, "reads_face": True, "note": ""}


def card_left(state: VisitState, value: object) -> Changes:
    return {"left": value, **woken(state)}


def card_seen(state: VisitState, value: object) -> Changes:
    return {"card_seen": True, "card_fault": "", **woken(state)}


def card_failed_at_door(state: VisitState, value: object) -> Changes:
    """Nobody's yet: what fails here is not counted for whoever touches next."""
    news = woken(state) if value != state.card_fault else {}
    return {"card_fault": value, "card_seen": False, **news}


def woken(state: VisitState) -> Changes:
    """A card does on the screen that waits what it does on the first one."""
    return {"overlay": Overlay.NONE} if state.overlay is Overlay.ATTRACT else {}


def is_overdue(state: VisitState, value: object) -> bool:
    return isinstance(value, LeftCard) and value.is_overdue


def is_told_again(state: VisitState, value: object) -> bool:
    """Where the same words are on the screen already they must be said anew."""
    return isinstance(value, LeftCard) and state.left is not None and state.left.place is value.place


def place_of(resident: Resident | None) -> CardPlace:
    """Where the card lies that was read."""
    return PLACE_OF_SOURCE.get(resident.source, CardPlace.ID_CARD) if resident else CardPlace.ID_CARD
